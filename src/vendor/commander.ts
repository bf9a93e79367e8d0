/** Commander, for the command line alone: it comes bundled, and no user installs it. */
export {
  Argument,
  Command,
  CommanderError,
  InvalidArgumentError,
  Option,
} from 'commander';
