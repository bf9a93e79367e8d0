/** Commands and their options, as tables: a row says all there is to know of one. */
import { type Command, Option } from '../vendor/commander.ts';
import { readVariables, variableOf } from './environment.ts';
import { durationText, parseDuration } from './option-values.ts';

export interface OptionRow {
  readonly what: string;
  /** Turns the text into a value; given the value so far where an option may be repeated. */
  readonly parse?: (text: string, before: never) => unknown;
  readonly byDefault?: unknown;
  /** The default as one would write it. */
  readonly shown?: string;
  readonly choices?: readonly string[];
  /** Options by their names as values: `ifExists`. */
  readonly conflicts?: readonly string[];
  readonly isRequired?: boolean;
  /** Whether a variable may give it, too. Default: true. */
  readonly hasVariable?: boolean;
}

/** By flags, such as `--timeout <duration>`; a text alone says what an option means. */
export type OptionTable = Readonly<Record<string, string | OptionRow>>;

/** What a command is given: of each option its value, under the name that Commander gives it. */
export type OptionsOf<Table> = {
  readonly [Flags in keyof Table as NameOf<Flags>]: Flags extends `${string}>`
    ? ValueOf<Table[Flags]>
    : boolean;
};

/** `dataDir` of `--data-dir <directory>`, and `restart` of `--no-restart`. */
type NameOf<Flags> = Flags extends `${string}--${infer Text}`
  ? Text extends `no-${infer Name}` | `${infer Name} <${string}`
    ? CamelCase<Name>
    : CamelCase<Text>
  : never;

type CamelCase<Text> = Text extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Text;

type ValueOf<Row> =
  | (Row extends { readonly parse: (...given: never[]) => infer Value }
      ? Value
      : Row extends { readonly choices: readonly (infer Choice)[] }
        ? Choice
        : string)
  | (Row extends { readonly byDefault: infer Default }
      ? Default
      : Row extends { readonly isRequired: true }
        ? never
        : undefined);

/** What stands in a list of commands. */
interface CommandSummary {
  readonly name: string;
  /** In sentences; the first one stands in the list of commands. */
  readonly what: string;
  /** By name, such as `<key>`. */
  readonly arguments?: Readonly<Record<string, string>>;
}

/** What only its own help, and running it, needs. */
export interface CommandDetails {
  readonly options?: OptionTable;
  /** Commands as one would type them; `#` begins a remark. */
  readonly examples: readonly string[];
  readonly commands?: readonly CommandRow[];
  /** Is given the arguments, then the options; a command without it only has commands of its own. */
  readonly runCommandLine?: (...parameters: never[]) => void | Promise<void>;
}

export interface CommandRow extends CommandSummary, CommandDetails {}

/** A command whose code is loaded when somebody asks for it. */
export interface ListedCommand extends CommandSummary {
  readonly load: () => CommandDetails | Promise<CommandDetails>;
}

/** Gives the command what stands in a list. */
export function describeCommand(command: Command, row: CommandSummary): Command {
  command.description(row.what);
  for (const [name, what] of Object.entries(row.arguments ?? {})) command.argument(name, what);
  return command;
}

/** Gives the command the rest of what its row says. */
export function defineCommand(command: Command, row: CommandDetails): Command {
  addOptions(command, row.options ?? {});
  for (const each of row.commands ?? []) {
    defineCommand(describeCommand(command.command(each.name), each), each);
  }
  if (row.runCommandLine !== undefined)
    command.action(row.runCommandLine as (...parameters: unknown[]) => void);
  command.hook('preSubcommand', (_, subcommand) => readVariables(subcommand, process.env));
  const examples = row.examples.map((line) => `  ${line}`).join('\n');
  return command.addHelpText('after', `\nExamples:\n${examples}`);
}

export function addOptions(command: Command, table: OptionTable): Command {
  for (const [flags, row] of Object.entries(table)) {
    command.addOption(optionOf(flags, typeof row === 'string' ? { what: row } : row));
  }
  return command;
}

/** The flags that give another process the same values. */
export function flagsOf(table: OptionTable, values: object): readonly string[] {
  return Object.keys(table).flatMap((flags) => {
    const option = new Option(flags);
    const value = (values as Record<string, unknown>)[option.attributeName()] ?? [];
    const { long = '' } = option as { long?: string };
    if (option.isBoolean()) return value === true ? [long] : [];
    return [value].flat().flatMap((each) => [long, String(each)]);
  });
}

/** For a row: an option that is a duration, with its default. */
export function duration(byDefault: number) {
  return { parse: parseDuration, byDefault, shown: durationText(byDefault) };
}

function optionOf(flags: string, row: OptionRow): Option {
  const {
    what,
    parse,
    byDefault,
    shown,
    choices,
    conflicts = [],
    isRequired = false,
    hasVariable = true,
  } = row;
  const option = new Option(flags, what).conflicts([...conflicts]).makeOptionMandatory(isRequired);
  if (hasVariable) option.env(variableOf(option.name()));
  if (choices !== undefined) option.choices(choices);
  if (parse !== undefined)
    option.argParser<unknown>(parse as (text: string, before: unknown) => unknown);
  if (byDefault !== undefined) return option.default(byDefault, shown);
  return option.isBoolean() && !option.negate ? option.default(false) : option;
}
