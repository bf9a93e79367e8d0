/**
 * Which lines of some files have run in this process, by V8's own counters. Import it before
 * anything that is to be measured: counting begins when this module is loaded.
 */
import { readFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { SourceMap } from 'node:module';

const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
await session.post('Debugger.enable');

interface Range {
  readonly startOffset: number;
  readonly endOffset: number;
  readonly count: number;
}

export interface LineCoverage {
  /** From 0 to 1. */
  readonly share: number;
  /** Lines that hold code and have not run, as `file:line`. */
  readonly missed: readonly string[];
}

const SOURCE_MAP = /\/\/# sourceMappingURL=data:application\/json[^,]*;base64,(\S+)/;
const root = new URL('../../', import.meta.url);

/** @param paths from the top of the repository */
export async function lineCoverage(paths: readonly string[]): Promise<LineCoverage> {
  const { result } = await session.post('Profiler.takePreciseCoverage');
  const missed: string[] = [];
  let lines = 0;
  for (const path of paths) {
    const script = result.find(({ url }) => url.endsWith(`/${path}`));
    if (script === undefined) throw new Error(`${path} was not loaded: nothing covers it`);
    const { scriptSource } = await session.post('Debugger.getScriptSource', {
      scriptId: script.scriptId,
    });
    const ranges = script.functions.flatMap((one) => one.ranges);
    const hasRun = linesOf(scriptSource, countsOf(scriptSource.length, ranges));
    const source = readFileSync(new URL(path, root), 'utf8').split('\n');
    for (const [line, ran] of hasRun) {
      if (!/\w/.test(source[line] ?? '')) continue;
      lines += 1;
      if (!ran) missed.push(`${path}:${line + 1}`);
    }
  }
  return { share: 1 - missed.length / lines, missed };
}

/** How often each character has run: the innermost range decides, and inner ones come later. */
function countsOf(length: number, ranges: readonly Range[]): Int32Array {
  const counts = new Int32Array(length).fill(1);
  const outermostFirst = [...ranges].sort(
    (a, b) => a.startOffset - b.startOffset || b.endOffset - a.endOffset,
  );
  for (const { startOffset, endOffset, count } of outermostFirst) {
    counts.fill(count, startOffset, endOffset);
  }
  return counts;
}

/** Each original line that code came from, and whether any of that code has run. */
function linesOf(generated: string, counts: Int32Array): ReadonlyMap<number, boolean> {
  const found = SOURCE_MAP.exec(generated);
  if (found === null) throw new Error('a measured file has no source map');
  const map = new SourceMap(JSON.parse(Buffer.from(found[1] ?? '', 'base64').toString('utf8')));
  const hasRun = new Map<number, boolean>();
  let offset = 0;
  for (const [row, text] of generated.slice(0, found.index).split('\n').entries()) {
    for (const { index } of text.matchAll(/\w+/g)) {
      const { originalLine } = map.findEntry(row, index) as { originalLine?: number };
      if (originalLine === undefined) continue;
      const ran = (counts[offset + index] ?? 0) > 0;
      hasRun.set(originalLine, (hasRun.get(originalLine) ?? false) || ran);
    }
    offset += text.length + 1;
  }
  return hasRun;
}
