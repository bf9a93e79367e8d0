/**
 * A link to what one sees: script and position, and how it is looked at, in the fragment of the URL:
 * `v=1&seed=7&servers=5&deeds=70.put.a.x.1~89.crash.e&at=123`. It is read whole or not at all: what
 * is not as it is written here is an error in a sentence.
 */
import type { ServerId } from '../../machines/rules/entries.ts';
import { idsOf } from '../simulation/options.ts';
import * as v from '../vendor/valibot.ts';
import { problemOf, quoted, SERVERS_MAX } from './action.ts';
import { scenarioOf } from './scenarios/index.ts';
import type { Script, ScriptedAction } from './script.ts';
import {
  actionsToText,
  splitActions,
  textToAction,
  unescapedText,
  wholeNumberIn,
} from './script.ts';

export interface RunLink {
  readonly script: Script;
  /** The event that is looked at. */
  readonly at: number;
  readonly selected: ServerId | null;
  /** Virtual time to real time, 0.001 to 10; null: the page's own. */
  readonly speed: number | null;
}

export const LINK_VERSION = 1;
export const LINK_LENGTH_MAX = 32_000;
export const ACTIONS_MAX = 500;
/** An event is reached by playing to it: that far takes a page some seconds. */
export const EVENTS_MAX = 100_000;
const SEED_MAX = 999_999_999;
const SPEED_MIN = 0.001;
const SPEED_MAX = 10;

const NAMES = ['v', 'seed', 'servers', 'scenario', 'deeds', 'at', 'selected', 'speed'] as const;
type Name = (typeof NAMES)[number];
type Fields = Readonly<Partial<Record<Name, string>>>;

/** A number as it is written here, in that range. */
function numberIn(min: number, max: number, kind: string, isWritten: (text: string) => boolean) {
  const isInRange = (text: string) => isWritten(text) && +text >= min && +text <= max;
  const range = v.check(isInRange, `${kind} from ${min} to ${max}`);
  return v.pipe(v.string(), range, v.transform(Number));
}

const whole = (min: number, max: number) =>
  numberIn(min, max, 'a whole number', (text) => wholeNumberIn(text) !== null);

const NUMBERS = v.object({
  seed: v.optional(whole(0, SEED_MAX), ''),
  servers: v.optional(whole(1, SERVERS_MAX), ''),
  at: v.optional(whole(0, EVENTS_MAX), '0'),
  speed: v.optional(
    numberIn(SPEED_MIN, SPEED_MAX, 'a number', (text) => String(Number(text)) === text),
  ),
});

/** Thrown and caught here: whatever is wrong with a link. */
class BadLink extends Error {}

/** Without the `#`; an error when it is more than a link can carry. */
export function fragmentOf(link: RunLink): string | { readonly error: string } {
  const { script, at, selected, speed } = link;
  const { seed, servers, scenario, actions } = script;
  const fields: [Name, string | number | null][] = [
    ['v', LINK_VERSION],
    ['seed', seed],
    ['servers', servers],
    ['scenario', scenario],
    ['deeds', actions.length === 0 ? null : actionsToText(actions)],
    ['selected', selected],
    ['speed', speed],
    // Last, so that no link ends in a character that mail and chat programs take for their own.
    ['at', at],
  ];
  const text = fields
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
  const read = readFragment(text);
  return read !== null && 'error' in read ? read : text;
}

/** With or without the `#`; null when there is nothing to read. */
export function readFragment(fragment: string): RunLink | { readonly error: string } | null {
  const text = fragment.startsWith('#') ? fragment.slice(1) : fragment;
  if (text === '') return null;
  try {
    return linkOf(fieldsOf(text));
  } catch (error) {
    if (error instanceof BadLink) return { error: error.message };
    throw error;
  }
}

function fieldsOf(text: string): Fields {
  if (text.length > LINK_LENGTH_MAX) {
    const limit = `${LINK_LENGTH_MAX} are the limit`;
    throw new BadLink(`This link is too long: it has ${text.length} characters, ${limit}.`);
  }
  const fields: Partial<Record<Name, string>> = {};
  for (const field of text.split('&')) {
    const at = field.indexOf('=');
    const name = NAMES.find((each) => each === field.slice(0, at));
    if (at === -1 || name === undefined) {
      throw new BadLink(`This link is damaged: ${quoted(field)} means nothing here.`);
    }
    if (fields[name] !== undefined)
      throw new BadLink(`This link is damaged: it says “${name}” twice.`);
    fields[name] = field.slice(at + 1);
  }
  return fields;
}

function linkOf(fields: Fields): RunLink {
  const { v: version, scenario: id, selected = null, deeds = '' } = fields;
  if (version !== String(LINK_VERSION)) {
    const found = version === undefined ? 'says no version' : `is of version ${quoted(version)}`;
    throw new BadLink(`This link ${found}; this page reads version ${LINK_VERSION}.`);
  }
  const numbers = v.safeParse(NUMBERS, fields, { abortEarly: true });
  if (!numbers.success) {
    const [issue] = numbers.issues;
    const name = v.getDotPath(issue) as Name;
    const found = fields[name] === undefined ? 'does not say it' : `says ${quoted(fields[name])}`;
    throw new BadLink(`This link needs “${name}”, ${issue.message}: it ${found}.`);
  }
  const { seed, servers, at, speed = null } = numbers.output;
  const scenario = id === undefined ? null : scenarioIn(id, servers);
  const actions = actionsIn(deeds, servers);
  if (selected !== null && !idsOf(servers).includes(selected)) {
    throw new BadLink(`This link selects ${quoted(selected)}, and there is no such server.`);
  }
  return { script: { seed, servers, scenario, actions }, at, selected, speed };
}

function scenarioIn(id: string, servers: number): string {
  const scenario = scenarioOf(id);
  if (scenario === null) {
    throw new BadLink(`This link begins as scenario ${quoted(id)}, which this page does not know.`);
  }
  if (scenario.begin.servers !== servers) {
    const has = `has ${scenario.begin.servers} servers, not ${servers}`;
    throw new BadLink(`This link is damaged: the scenario ${id} ${has}.`);
  }
  return id;
}

function actionsIn(deeds: string, servers: number): readonly ScriptedAction[] {
  const texts = splitActions(deeds);
  if (texts.length > ACTIONS_MAX) {
    throw new BadLink(`This link has ${texts.length} actions; ${ACTIONS_MAX} are the limit.`);
  }
  let last = -1;
  return texts.map((text) => {
    const shown = quoted(unescapedText(text));
    const scripted = textToAction(text);
    if (scripted === null) {
      throw new BadLink(`This link is damaged: ${shown} is nothing that one can do.`);
    }
    const problem = problemOf(scripted.action, servers);
    if (problem !== null) throw new BadLink(`This link cannot be: in ${shown}, ${problem}.`);
    if (scripted.after <= last || scripted.after >= EVENTS_MAX) {
      const order = `actions follow each other and come before event ${EVENTS_MAX}`;
      throw new BadLink(`This link is damaged: ${order}, and ${shown} does not.`);
    }
    last = scripted.after;
    return scripted;
  });
}
