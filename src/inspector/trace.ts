/**
 * Trace files: what pages were sent, one JSON object in a line, to be attached to a bug report and
 * opened again. The first line says what it is; every other one has a record and its server.
 */
import type { InspectionRecord } from './protocol.ts';
import { isObject, lineFault, shownValue } from './record-check.ts';

export const TRACE_FORMAT = 'statecraft-trace';
export const TRACE_VERSION = 1;

export const TRACE_LIMITS = {
  charactersMax: 64 * 1024 * 1024,
  linesMax: 200_000,
  lineLengthMax: 1024 * 1024,
};

/** A trace file, read: who recorded it and when, and its lines in order. */
export interface TraceFile {
  readonly software: string;
  /** When recording began, in milliseconds since 1970. */
  readonly recordedAtMs: number;
  readonly lines: readonly TraceLine[];
}

/** A record, and the server that sent it. */
export interface TraceLine {
  /** The id in the `hello` of the server that sent the record. */
  readonly server: string;
  readonly record: InspectionRecord;
}

/** A file is not a trace, or not one that can be read here: the message is for people. */
export class TraceError extends Error {
  override readonly name = 'TraceError';
  /** Counted from 1; 0 when it is about the whole file. */
  readonly line: number;

  constructor(line: number, message: string) {
    super(line === 0 ? message : `Line ${line}: ${message}`);
    this.line = line;
  }
}

export function traceHeader({ software, recordedAtMs }: Omit<TraceFile, 'lines'>): string {
  const format = { format: TRACE_FORMAT, version: TRACE_VERSION };
  return `${JSON.stringify({ ...format, software, recordedAtMs })}\n`;
}

export function traceLine({ server, record }: TraceLine): string {
  return `${JSON.stringify({ server, record })}\n`;
}

/** The text of a trace file, a JSON object a line, as `readTrace` reads it. */
export function writeTrace(trace: TraceFile): string {
  return traceHeader(trace) + trace.lines.map(traceLine).join('');
}

/**
 * Reads the text of a trace file, at most 64 Mi characters of it.
 *
 * @throws TraceError with a sentence that says which line is wrong, and what is wrong with it
 */
export function readTrace(file: string): TraceFile {
  const { charactersMax, linesMax } = TRACE_LIMITS;
  if (file.length > charactersMax) {
    throw new TraceError(
      0,
      `This file has ${mebibytes(file.length)}; a trace has at most ${mebibytes(charactersMax)}. ` +
        'Record less of it.',
    );
  }
  const texts = file.replace(/^\ufeff/, '').split('\n', linesMax + 2);
  if (texts.at(-1) === '') texts.pop();
  if (texts.length > linesMax + 1) {
    throw new TraceError(0, `This trace has more than ${linesMax} records. Record less of it.`);
  }
  const header = headerOf(texts[0] ?? '');
  return { ...header, lines: texts.slice(1).map((text, at) => lineOf(text, at + 2)) };
}

function headerOf(text: string): Omit<TraceFile, 'lines'> {
  const header = isTooLong(text) ? null : parsed(text);
  if (!isObject(header) || header.format !== TRACE_FORMAT) {
    throw new TraceError(
      1,
      `this is not a Statecraft trace: those begin with {"format":"${TRACE_FORMAT}", …}`,
    );
  }
  if (header.version !== TRACE_VERSION) {
    throw new TraceError(
      1,
      `this trace is of version ${shownValue(header.version)}, and this page reads version ` +
        `${TRACE_VERSION}: open it with the Statecraft that recorded it`,
    );
  }
  const { software, recordedAtMs } = header;
  if (typeof software !== 'string' || typeof recordedAtMs !== 'number') {
    throw new TraceError(1, 'the header does not say which software has recorded it, and when');
  }
  return { software, recordedAtMs };
}

function lineOf(text: string, number: number): TraceLine {
  if (isTooLong(text)) {
    const { lineLengthMax } = TRACE_LIMITS;
    throw new TraceError(
      number,
      `it has ${text.length} characters; at most ${lineLengthMax} are read`,
    );
  }
  const line = parsed(text);
  if (line === undefined) {
    throw new TraceError(number, 'this is not JSON; was the file cut off, or changed by hand?');
  }
  const fault = lineFault(line);
  if (fault !== null) throw new TraceError(number, fault);
  return line as unknown as TraceLine;
}

/** So exact that what is too much does not look as if it were not. */
function mebibytes(characters: number): string {
  return `${Math.ceil((characters / 1024 / 1024) * 10) / 10} MiB`;
}

function isTooLong(text: string): boolean {
  return text.length > TRACE_LIMITS.lineLengthMax;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
