/** Commander, for the command line alone: it comes bundled, and no user installs it. */
export {
  Command,
  CommanderError,
  InvalidArgumentError,
  Option,
} from 'commander';
