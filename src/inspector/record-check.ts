/** Whether a line of a trace file is valid, field by field: anybody may have made the file. */
import * as v from '../vendor/valibot.ts';

const DEPTH_MAX = 24;
const NAME_LENGTH_MAX = 1_000;

const TEXT = `a text of at most ${NAME_LENGTH_MAX} characters`;
const text = v.pipe(v.string(TEXT), v.maxLength(NAME_LENGTH_MAX, TEXT));
const texts = v.array(text, 'a list of texts');

const TIME = 'a time';
const time = v.pipe(v.number(TIME), v.finite(TIME), v.minValue(0, TIME));

const COUNT = 'a whole number from 1 on';
const count = v.pipe(v.number(COUNT), v.safeInteger(COUNT), v.minValue(1, COUNT));

/** Everything in JSON can be shown; it may not be nested without end. */
const preview = v.custom(
  (value) => isShallow(value, DEPTH_MAX),
  `at most ${DEPTH_MAX} levels deep`,
);

const fields = v.custom(
  (value) => isObject(value) && isShallow(value, DEPTH_MAX),
  'an object of a few levels',
);

const event = v.pipe(fields, v.looseObject({ type: text }));

const stateValue = v.custom(
  (value) => value === null || isStates(value, DEPTH_MAX),
  'a state value',
);

const state = { atMs: time, actor: text, value: stateValue, active: texts };

/** Fields of other names are allowed: a later version may have more. */
const RECORDS: Readonly<Record<string, v.GenericSchema>> = {
  hello: v.object({
    atMs: time,
    format: v.literal('statecraft-inspection', '"statecraft-inspection"'),
    version: v.literal(1, '1'),
    source: v.picklist(['server', 'actors'], '"server" or "actors"'),
    id: text,
    clusterId: text,
    members: v.array(v.object({ id: text, clientAddress: text }, 'an object'), 'a list of members'),
    software: text,
    pid: count,
  }),
  actor: v.object({ ...state, parent: v.nullable(text), machine: text, context: fields }),
  chart: v.object({ machine: text, chart: fields }),
  transition: v.object({
    ...{ ...state, number: count, event, from: v.nullable(text), transitions: texts },
    ...{ before: stateValue, changes: fields, emitted: v.array(preview, 'a list') },
  }),
  dropped: v.object({
    atMs: time,
    count,
    of: v.optional(
      v.array(
        v.object({ actor: text, kind: text, count }, 'an object'),
        'a list of what was counted together',
      ),
    ),
  }),
  state: v.object({ ...state, changes: fields }),
  stopped: v.object({
    ...{ atMs: time, actor: text, output: preview },
    status: v.picklist(['done', 'stopped'], '"done" or "stopped"'),
  }),
  failed: v.object({ atMs: time, actor: v.nullable(text), message: v.string('a text') }),
  ended: v.object({ atMs: time, why: text }),
  pong: v.object({ atMs: time }),
};

const SERVER = v.object({ server: v.pipe(text, v.nonEmpty('an id'), v.maxLength(200, 'an id')) });

/** What is wrong with a line of a trace, which has a record and the server that sent it; or null. */
export function lineFault(line: unknown): string | null {
  if (!isObject(line)) return 'a line is an object with a server and a record';
  const fault = faultOf(SERVER, line);
  if (fault !== null) return fault;
  const { record } = line;
  if (!isObject(record)) return 'a record is an object';
  const type = String(record.type);
  const schema = Object.hasOwn(RECORDS, type) ? RECORDS[type] : undefined;
  if (schema === undefined) return `there is no record of type ${shownValue(record.type)}`;
  return faultOf(schema, record);
}

function faultOf(schema: v.GenericSchema, value: unknown): string | null {
  const { issues } = v.safeParse(schema, value, { abortEarly: true });
  if (issues === undefined) return null;
  const [issue] = issues;
  const name = `"${v.getDotPath(issue)}"`;
  if (issue.path?.at(-1)?.origin === 'key') return `${name} is missing`;
  return `${name} is ${shownValue(issue.input)}, and should be ${issue.message}`;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What is there, short enough for a sentence. */
export function shownValue(value: unknown): string {
  if (typeof value === 'object' && value !== null) {
    return Array.isArray(value) ? 'a list' : 'an object';
  }
  const shown = JSON.stringify(value) ?? 'nothing';
  return shown.length > 60 ? `${shown.slice(0, 60)}…` : shown;
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
