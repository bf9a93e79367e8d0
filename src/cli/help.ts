/** What the help of every command has: examples that work as they stand, and how commands end. */
import type { Command, Option } from '../vendor/commander.ts';

const examples = new WeakMap<Command, readonly string[]>();

/** @param lines - commands as one would type them; `#` begins a remark */
export function withExamples(command: Command, lines: readonly string[]): Command {
  examples.set(command, lines);
  const list = lines.map((line) => `  ${line}`).join('\n');
  return command.addHelpText('after', `\nExamples:\n${list}`);
}

export function examplesOf(command: Command): readonly string[] {
  return examples.get(command) ?? [];
}

/** How Commander is to write what it knows. */
export const HELP_FORMAT = {
  optionDescription(option: Option): string {
    const { description, argChoices, envVar } = option;
    const value = defaultOf(option);
    const facts = [
      ...(option.mandatory ? ['required'] : []),
      ...(argChoices === undefined ? [] : [argChoices.join(' | ')]),
      ...(value === null ? [] : [`default: ${value}`]),
      ...(envVar === undefined ? [] : [`env: ${envVar}`]),
    ];
    return facts.length === 0 ? description : `${description} (${facts.join('; ')})`;
  },
  /** In the list of all commands, what one is for is enough. */
  subcommandDescription: (command: Command) => command.description().split(/[.:] |\.$/)[0] ?? '',
};

/** As one would write it; null where leaving the option out says it all. */
function defaultOf({ defaultValue, defaultValueDescription }: Option): string | null {
  if (defaultValueDescription !== undefined) return defaultValueDescription;
  const isTold = typeof defaultValue === 'string' || typeof defaultValue === 'number';
  return isTold ? String(defaultValue) : null;
}

export const FOOTER = `
Exit codes:
  0  done
  1  failed, and definitely not done
  2  wrong usage, or a server that cannot start as asked
  3  no such key, or a condition that does not hold
  4  the outcome is unknown: it may have been done, or may yet be
  5  nobody could be reached

Each option has a variable, shown as (env: …). A flag wins over its variable, and that over the
default. A flag without a value is set by true, and not by false.
Put -- before a key or a value that begins with a dash.
Durations: 500ms, 5s, 1m. Sizes: 512KiB, 64MiB, 2GiB.`;
