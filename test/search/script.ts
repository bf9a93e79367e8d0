/**
 * Plans as text: a line per setting that is not the default, then a line per step. What is found is
 * kept like this, since people can read it and change it.
 */
import { DEFAULT_WORLD, KEYS, type Key, type Plan, type Step, type World } from './plan.ts';

type Words = Readonly<Record<string, string | number>>;

/** The words behind the verb, in order; all but these are numbers. */
const GRAMMAR: Readonly<Record<Step['do'], readonly string[]>> = {
  crash: ['who', 'leaving', 'forMs'],
  shutDown: ['who', 'forMs'],
  pause: ['who', 'forMs'],
  failWrite: ['who', 'leaving'],
  isolate: ['who'],
  split: ['side'],
  block: ['from', 'to'],
  heal: [],
  clock: ['who', 'rate'],
  put: ['client', 'key', 'token'],
  append: ['client', 'key', 'token'],
  get: ['client', 'key', 'token'],
  swap: ['client', 'key', 'token'],
  delete: ['client', 'key', 'token'],
};
const NUMBERS = new Set(['forMs', 'rate', 'client']);
const CHOICES: Readonly<Record<string, readonly string[]>> = {
  leaving: ['lost', 'kept', 'torn'],
  key: KEYS satisfies readonly Key[],
};

export function printPlan({ world, steps }: Plan): string {
  const settings = settingNames
    .filter((name) => world[name] !== DEFAULT_WORLD[name])
    .map((name) => `${name} ${world[name]}`);
  return [...settings, ...steps.map(printStep)].map((line) => `${line}\n`).join('');
}

export function printStep(step: Step): string {
  const words = GRAMMAR[step.do].map((name) => (step as unknown as Words)[name]);
  return [step.at, step.do, ...words].join(' ');
}

/** @throws TypeError that names the line it does not understand. */
export function parsePlan(text: string): Plan {
  let world: World = DEFAULT_WORLD;
  const steps: Step[] = [];
  for (const [at, raw] of text.split('\n').entries()) {
    const line = raw.replace(/#.*/, '').trim();
    if (line === '') continue;
    try {
      if (/^\d/.test(line)) steps.push(parseStep(line));
      else world = { ...world, ...parseSetting(line) };
    } catch (error) {
      throw new TypeError(`Line ${at + 1}, "${raw}": ${(error as Error).message}`);
    }
  }
  const late = steps.findIndex((step, at) => at > 0 && step.at < steps[at - 1]!.at);
  if (late >= 0) throw new TypeError(`"${printStep(steps[late]!)}" stands behind a later step`);
  return { world, steps };
}

const settingNames = Object.keys(DEFAULT_WORLD) as (keyof World)[];

function parseSetting(line: string): Partial<World> {
  const [name, text = ''] = line.split(/\s+/);
  const known = settingNames.find((each) => each === name);
  if (known === undefined) throw new TypeError(`there is no setting ${name}`);
  const standard = DEFAULT_WORLD[known];
  if (typeof standard === 'number') return { [known]: numberOf(text) };
  if (typeof standard === 'string') return { [known]: text };
  if (text !== 'true' && text !== 'false') throw new TypeError(`${name} is true or false`);
  return { [known]: text === 'true' };
}

function parseStep(line: string): Step {
  const [at, verb, ...words] = line.split(/\s+/);
  const names = GRAMMAR[verb as Step['do']];
  if (names === undefined) throw new TypeError(`there is no step ${verb}`);
  if (words.length !== names.length) {
    throw new TypeError(`${verb} takes ${names.join(', ') || 'nothing'}`);
  }
  const fields = names.map((name, place) => [name, wordOf(name, words[place] ?? '')]);
  return { at: numberOf(at ?? ''), do: verb, ...Object.fromEntries(fields) } as Step;
}

function wordOf(name: string, text: string): string | number {
  if (NUMBERS.has(name)) return numberOf(text);
  const choices = CHOICES[name];
  if (choices?.includes(text) === false) {
    throw new TypeError(`${name} is one of ${choices.join(', ')}, not ${text}`);
  }
  return text;
}

function numberOf(text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text)) throw new TypeError(`"${text}" is no number from 0 on`);
  return Number(text);
}
