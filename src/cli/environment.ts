/**
 * Every option may also be given by a variable: `--data-dir` by `STATECRAFT_DATA_DIR`. A flag
 * overrides its variable, and a variable overrides the default. An empty variable counts as not set.
 */
import type { Command } from '../vendor/commander.ts';
import { usageError } from './exit-codes.ts';

const PREFIX = 'STATECRAFT_';
/** Not of options: read by the pages, and by the tests of this package. */
const OTHERS: readonly string[] = ['PAGES', 'BROWSER', 'FUZZ_SEED', 'FUZZ_TIMES']
  .concat('SEEDS', 'TIER')
  .map((name) => PREFIX + name);
const YES = /^(?:true|1|yes|on)$/i;
const NO = /^(?:false|0|no|off)$/i;

/** Of an option by its name: `data-dir`. */
export function variableOf(option: string): string {
  return PREFIX + option.replaceAll('-', '_').toUpperCase();
}

/**
 * Ignores empty variables; of a flag without a value, `true` sets it and `false` does not.
 * @throws CommandError for any other value of such a variable
 */
export function readVariables(command: Command, environment: NodeJS.ProcessEnv): void {
  for (const { envVar: variable, required, optional } of command.options) {
    const text = variable === undefined ? undefined : environment[variable];
    if (variable === undefined || text === undefined) continue;
    const isFlag = !required && !optional;
    if (text === '' || isOfKubernetes(variable, text) || (isFlag && NO.test(text))) {
      delete environment[variable];
    } else if (isFlag && !YES.test(text)) {
      throw usageError(`${variable} is "${text}": write true or false, or leave it unset`);
    }
  }
}

/** A warning for each variable with our prefix that no command knows. */
export function unknownVariables(program: Command, environment: NodeJS.ProcessEnv): string[] {
  const known = new Set([...OTHERS, ...variablesOf(program)]);
  return Object.entries(environment)
    .filter(([name]) => name.startsWith(PREFIX) && !known.has(name))
    .filter(([name, text = '']) => !isOfKubernetes(name, text))
    .map(
      ([name]) =>
        `${name} is ignored: no flag uses this variable (--help lists those that are used)`,
    );
}

/** Without our variables: for processes that are configured by flags only. */
export function withoutVariables(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const others = Object.entries(environment).filter(
    ([name]) => !name.startsWith(PREFIX) || OTHERS.includes(name),
  );
  return Object.fromEntries(others);
}

function variablesOf(command: Command): readonly string[] {
  const own = command.options.flatMap(({ envVar }) => envVar ?? []);
  return [...own, ...command.commands.flatMap(variablesOf)];
}

/** A Service called `statecraft` gives these to every container of its namespace, as Docker's links do. */
function isOfKubernetes(name: string, text: string): boolean {
  return (
    /_SERVICE_(?:HOST|PORT(?:_\w+)?)$|_PORT_\d+_(?:TCP|UDP|SCTP)(?:_\w+)?$/.test(name) ||
    (name.endsWith('_PORT') && /^(?:tcp|udp|sctp):\/\//.test(text))
  );
}
