/** Whether a value is a record as `protocol.ts` has it, field by field: for files that anybody may have made. */

type Check = (value: unknown) => string | null;
type Fields = Readonly<Record<string, Check>>;

const DEPTH_MAX = 24;
const NAME_LENGTH_MAX = 1_000;

/** Null when it is one, otherwise what is wrong with it. */
export function recordFault(value: unknown): string | null {
  if (!isObject(value)) return 'a record is an object';
  const { type } = value;
  const fields = typeof type === 'string' && Object.hasOwn(RECORDS, type) ? RECORDS[type] : null;
  if (fields === null || fields === undefined)
    return `there is no record of type ${shownValue(type)}`;
  return fieldsFault(value, fields);
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What is there, short enough for a sentence. */
export function shownValue(value: unknown): string {
  if (typeof value === 'object' && value !== null) {
    return Array.isArray(value) ? 'a list' : 'an object';
  }
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** Fields of other names are no fault: a later version may have more. */
export function fieldsFault(
  value: Readonly<Record<string, unknown>>,
  fields: Fields,
): string | null {
  for (const [name, check] of Object.entries(fields)) {
    const found = Object.hasOwn(value, name) ? value[name] : undefined;
    const fault = check(found);
    if (fault !== null) return `"${name}" is ${shownValue(found)}, and should be ${fault}`;
  }
  return null;
}

const text: Check = (value) =>
  typeof value === 'string' && value.length <= NAME_LENGTH_MAX
    ? null
    : `a text of at most ${NAME_LENGTH_MAX} characters`;

const time: Check = (value) =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? null : 'a time';

const count: Check = (value) =>
  Number.isSafeInteger(value) && (value as number) >= 1 ? null : 'a whole number from 1 on';

const oneOf =
  (...choices: readonly unknown[]): Check =>
  (value) =>
    choices.includes(value) ? null : choices.map((choice) => JSON.stringify(choice)).join(' or ');

const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value) === null ? null : `null or ${check(value)}`;

const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined ? null : check(value);

const listOf =
  (check: Check, what: string): Check =>
  (value) =>
    Array.isArray(value) && value.every((each) => check(each) === null) ? null : what;

/** Everything in JSON is readable; it may not be nested without end. */
const readable: Check = (value) =>
  value !== undefined && isShallow(value, DEPTH_MAX) ? null : `at most ${DEPTH_MAX} levels deep`;

const fields: Check = (value) =>
  isObject(value) && readable(value) === null ? null : 'an object of a few levels';

const event: Check = (value) =>
  fields(value) === null && text((value as { type?: unknown }).type) === null
    ? null
    : 'an object with a type';

const stateValue: Check = (value) =>
  value === null || typeof value === 'string' || isStates(value, DEPTH_MAX)
    ? null
    : 'a state value';

const texts = listOf(text, 'a list of texts');

const members = listOf(
  (value) =>
    isObject(value) ? fieldsFault(value, { id: text, clientAddress: text }) : 'an object',
  'a list of members',
);

const countedTogether = listOf(
  (value) =>
    isObject(value) ? fieldsFault(value, { actor: text, kind: text, count }) : 'an object',
  'a list of what was counted together',
);

const standing = { actor: text, value: stateValue, active: texts };

const RECORDS: Readonly<Record<string, Fields>> = {
  hello: {
    ...{ atMs: time, format: oneOf('statecraft-inspection'), version: oneOf(1) },
    ...{ source: oneOf('server', 'actors'), id: text, clusterId: text, members },
    ...{ software: text, pid: count },
  },
  actor: { ...standing, atMs: time, parent: orNull(text), machine: text, context: fields },
  chart: { machine: text, chart: fields },
  transition: {
    ...{ ...standing, atMs: time, number: count, event, from: orNull(text), transitions: texts },
    ...{ before: stateValue, changes: fields, emitted: listOf(readable, 'a list') },
  },
  dropped: { atMs: time, count, of: optional(countedTogether) },
  state: { ...standing, atMs: time, changes: fields },
  stopped: { atMs: time, actor: text, status: oneOf('done', 'stopped'), output: readable },
  failed: { atMs: time, actor: orNull(text), message: (value) => isText(value) },
  ended: { atMs: time, why: text },
  pong: { atMs: time },
};

function isText(value: unknown): string | null {
  return typeof value === 'string' ? null : 'a text';
}

function isStates(value: unknown, levels: number): boolean {
  if (typeof value === 'string') return true;
  return (
    levels > 0 &&
    isObject(value) &&
    Object.values(value).every((each) => isStates(each, levels - 1))
  );
}

function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((each) => isShallow(each, levels - 1));
}
