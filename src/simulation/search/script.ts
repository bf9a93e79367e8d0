/**
 * Plans as text: a line per setting that is not the default, then a line per step. What is found is
 * kept like this, since people can read it and change it.
 */
import type { FaultKind, Plan, PlanStep } from './plan.ts';
import { DEFAULT_SETTINGS, type RunSettings, SETTING_NAMES, unusualOf } from './settings.ts';
import type { Clients } from './subject.ts';

type Words = Readonly<Record<string, string | number>>;

/** How calls are written: clients have a language of their own. */
export type Language<Call> = Pick<Clients<never, unknown, never, unknown, Call>, 'print' | 'parse'>;

/** The words behind the verb, in order; all but these are numbers. */
const GRAMMAR: Readonly<Record<FaultKind, readonly string[]>> = {
  crash: ['who', 'leaving', 'forMs'],
  shutDown: ['who', 'forMs'],
  pause: ['who', 'forMs'],
  failWrite: ['who', 'leaving'],
  isolate: ['who'],
  split: ['side'],
  block: ['from', 'to'],
  heal: [],
  clock: ['who', 'rate'],
};
export const FAULTS = Object.keys(GRAMMAR) as readonly FaultKind[];
const NUMBERS = new Set(['forMs', 'rate']);
const CHOICES: Readonly<Record<string, readonly string[]>> = {
  leaving: ['lost', 'kept', 'torn'],
};

export function printPlan<Call>({ settings, steps }: Plan<Call>, language: Language<Call>): string {
  const unusual = unusualOf(settings).map((name) => `${name} ${settings[name]}`);
  const lines = [...unusual, ...steps.map((step) => printStep(step, language))];
  return lines.map((line) => `${line}\n`).join('');
}

function printStep<Call>(step: PlanStep<Call>, language: Language<Call>): string {
  if (step.do === 'call') return `${step.at} ${language.print(step.call)}`;
  const words = GRAMMAR[step.do].map((name) => (step as unknown as Words)[name]);
  return [step.at, step.do, ...words].join(' ');
}

/** @throws TypeError that names the line it does not understand. */
export function parsePlan<Call>(text: string, language: Language<Call>): Plan<Call> {
  let settings: RunSettings = DEFAULT_SETTINGS;
  const steps: PlanStep<Call>[] = [];
  for (const [at, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    try {
      if (/^\d/.test(line)) steps.push(parseStep(line, language));
      else settings = { ...settings, ...parseSetting(withoutComment(line)) };
    } catch (error) {
      throw new TypeError(`Line ${at + 1}, "${raw}": ${(error as Error).message}`);
    }
  }
  const late = steps.findIndex((step, at) => at > 0 && step.at < steps[at - 1]!.at);
  if (late >= 0) {
    throw new TypeError(`"${printStep(steps[late]!, language)}" stands behind a later step`);
  }
  return { settings, steps };
}

/** Calls may hold any character, so their clients know where a comment begins. */
function withoutComment(line: string): string {
  return line.replace(/#.*/, '').trim();
}

function parseSetting(line: string): Partial<RunSettings> {
  const [name, text = ''] = line.split(/\s+/);
  const known = SETTING_NAMES.find((each) => each === name);
  if (known === undefined) throw new TypeError(`there is no setting ${name}`);
  const standard = DEFAULT_SETTINGS[known];
  if (typeof standard === 'number') return { [known]: numberOf(text) };
  if (typeof standard === 'string') return { [known]: text };
  if (text !== 'true' && text !== 'false') throw new TypeError(`${name} is true or false`);
  return { [known]: text === 'true' };
}

function parseStep<Call>(line: string, language: Language<Call>): PlanStep<Call> {
  const [time = '', verb = ''] = line.split(/\s+/, 2);
  const at = numberOf(time);
  if (!Object.hasOwn(GRAMMAR, verb)) {
    return { at, do: 'call', call: language.parse(line.slice(time.length).trim()) };
  }
  const words = withoutComment(line).split(/\s+/).slice(2);
  const names = GRAMMAR[verb as FaultKind];
  if (words.length !== names.length) {
    throw new TypeError(`${verb} takes ${names.join(', ') || 'nothing'}`);
  }
  const fields = names.map((name, place) => [name, wordOf(name, words[place] ?? '')]);
  return { at, do: verb, ...Object.fromEntries(fields) } as PlanStep<Call>;
}

function wordOf(name: string, text: string): string | number {
  if (NUMBERS.has(name)) return numberOf(text);
  const choices = CHOICES[name];
  if (choices?.includes(text) === false) {
    throw new TypeError(`${name} is one of ${choices.join(', ')}, not ${text}`);
  }
  return text;
}

export function numberOf(text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text)) throw new TypeError(`"${text}" is no number from 0 on`);
  return Number(text);
}
