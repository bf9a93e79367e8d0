/** How the help of every command is formatted, and what stands at its end. */
import type { Argument, Command, Option } from '../vendor/commander.ts';

/** How Commander formats its help. */
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
  /** Each of them takes options, which are not loaded for the list. */
  subcommandTerm: (command: Command) =>
    [command.name(), ...command.registeredArguments.map(argumentTerm)].join(' '),
  /** The first clause is enough in the list of all commands. */
  subcommandDescription: (command: Command) => command.description().split(/[.:] |\.$/)[0] ?? '',
};

function argumentTerm(argument: Argument): string {
  return argument.required ? `<${argument.name()}>` : `[${argument.name()}]`;
}

/** As one would write it; null where leaving the option out says it all. */
function defaultOf({ defaultValue, defaultValueDescription }: Option): string | null {
  if (defaultValueDescription !== undefined) return defaultValueDescription;
  const isShown = typeof defaultValue === 'string' || typeof defaultValue === 'number';
  return isShown ? String(defaultValue) : null;
}

export const FOOTER = `
Exit codes:
  0  done
  1  failed, and definitely not done
  2  wrong usage, or a server that cannot start as asked
  3  no such key, or a condition that does not hold
  4  the outcome is unknown: it may have been done, or may still be
  5  no server could be reached

Each option has a variable, shown as (env: …). A flag overrides its variable, and a variable overrides
the default. Set a flag without a value by true, and unset it by false.
Put -- before a key or a value that begins with a dash.
Durations: 500ms, 5s, 1m. Sizes: 512KiB, 64MiB, 2GiB.`;
