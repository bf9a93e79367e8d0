/** Runs a script from its first command and puts what came of each below it. */
import { parseScript, type Script } from './script.ts';
import { Stage } from './stage.ts';
import { arrivals, type Line, readTrace, View } from './view.ts';

const TIME_WIDTH = 6;
/** Long errors are cut off. */
export const COLUMNS_MAX = 100;

export async function replay(text: string): Promise<Script> {
  const { heading, commands } = parseScript(text);
  const stage = new Stage();
  const ends: { readonly lines: number; readonly said: number }[] = [];
  for (const command of commands) {
    if (!command.startsWith('show ')) await stage.perform(command);
    const lines = stage.hasBegun ? readTrace(stage.cluster.trace()).length : 0;
    ends.push({ lines, said: stage.said.length });
  }
  return { heading, commands, outcomes: outcomes(stage, commands, ends) };
}

/** In a second pass, when it is known what became of every message. */
function outcomes(
  stage: Stage,
  commands: readonly string[],
  ends: readonly { readonly lines: number; readonly said: number }[],
): string[][] {
  const trace = readTrace(stage.cluster.trace());
  const came = arrivals(trace);
  const view = new View();
  const endMs = stage.cluster.clock.now();
  return commands.map((command, at) => {
    if (command.startsWith('show ')) view.show(command.split(' ').slice(1));
    const start = ends[at - 1] ?? { lines: 0, said: 0 };
    const end = ends[at]!;
    const seen = view.lines(trace.slice(start.lines, end.lines), came, endMs);
    return [...seen, ...stage.said.slice(start.said, end.said)]
      .sort((a, b) => a.timeMs - b.timeMs)
      .map(formatLine);
  });
}

function formatLine({ timeMs, text }: Line): string {
  const line = `${String(Math.round(timeMs * 10) / 10).padStart(TIME_WIDTH)}  ${text}`;
  return line.length <= COLUMNS_MAX ? line : `${line.slice(0, COLUMNS_MAX - 1)}…`;
}
