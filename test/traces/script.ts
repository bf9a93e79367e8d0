/**
 * The text of a golden trace: `#` lines that say what it proves, then commands at the margin, each
 * with what came of it below, indented. Only the indented lines are ever rewritten.
 */

export interface Script {
  readonly heading: readonly string[];
  readonly commands: readonly string[];
  /** Below each command. */
  readonly outcomes: readonly (readonly string[])[];
}

/** What it proves, in one sentence, with its section. */
export function sentenceOf(script: Script): string {
  return script.heading.map((line) => line.slice(1).trim()).join(' ');
}

export function parseScript(text: string): Script {
  const heading: string[] = [];
  const commands: string[] = [];
  const outcomes: string[][] = [];
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    if (line.startsWith('#') && commands.length === 0) heading.push(line);
    else if (!line.startsWith(' ')) {
      commands.push(line.trimEnd());
      outcomes.push([]);
    } else if (commands.length > 0) outcomes.at(-1)?.push(line);
    else throw new SyntaxError(`'${line}' is indented, but there is no command above it`);
  }
  return { heading, commands, outcomes };
}

export function formatScript({ heading, commands, outcomes }: Script): string {
  const body = commands.flatMap((command, at) => [command, ...(outcomes[at] ?? [])]);
  return `${[...heading, ...body].join('\n')}\n`;
}
