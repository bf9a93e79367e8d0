/** Options with a unit: their defaults are shown as one would write them. */
import { Option } from '../vendor/commander.ts';
import { durationText, parseBytes, parseDuration, sizeText } from './values.ts';

export function durationOption(flags: string, what: string, milliseconds: number): Option {
  return new Option(flags, what)
    .argParser(parseDuration)
    .default(milliseconds, durationText(milliseconds));
}

export function sizeOption(flags: string, what: string, bytes: number): Option {
  return new Option(flags, what).argParser(parseBytes).default(bytes, sizeText(bytes));
}

export function requestTimeoutOption(): Option {
  return durationOption(
    '--request-timeout <duration>',
    'every request of a client is answered by then, with 503 or 504 if need be',
    5_000,
  );
}
