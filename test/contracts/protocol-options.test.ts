/** Timing and snapshots, as flags say them: what the servers get, and what is refused. */
import { describe, expect, it } from 'vitest';
import { assertParameters, DEFAULT_PARAMETERS } from '../../machines/rules/parameters.ts';
import { addOptions, flagsOf } from '../../src/cli/command-table.ts';
import { PROTOCOL_OPTIONS, protocolOf } from '../../src/cli/protocol-options.ts';
import { Command } from '../../src/vendor/commander.ts';

function parse(...flags: readonly string[]): Parameters<typeof protocolOf>[0] {
  return addOptions(new Command().exitOverride(), PROTOCOL_OPTIONS)
    .parse(flags, { from: 'user' })
    .opts();
}

describe('timing and snapshots', () => {
  it('are the defaults of the protocol when nothing is said', () => {
    const { timing, parameters } = protocolOf(parse());
    expect({ ...DEFAULT_PARAMETERS, ...parameters, timing }).toEqual(DEFAULT_PARAMETERS);
  });

  it('are what the flags say, and work together', () => {
    const { timing, parameters } = protocolOf(
      parse(
        ...['--heartbeat-interval', '100ms', '--election-timeout', '1s'],
        ...['--snapshot-after-entries', '500', '--snapshot-after-bytes', '1MiB'],
      ),
    );
    expect(timing).toMatchObject({
      heartbeatIntervalMs: 100,
      electionTimeoutMinMs: 1_000,
      electionTimeoutMaxMs: 2_000,
    });
    expect(parameters).toEqual({ snapshotAfterEntries: 500, snapshotAfterBytes: 1_048_576 });
    expect(() => assertParameters({ ...DEFAULT_PARAMETERS, ...parameters, timing })).not.toThrow();
  });

  it('reach the servers of a cluster as they were said', () => {
    const said = ['--heartbeat-interval', '20ms', '--election-timeout', '1s'];
    const more = ['--snapshot-after-entries', '7', '--snapshot-after-bytes', '5KiB'];
    const options = parse(...said, ...more);
    expect(parse(...flagsOf(PROTOCOL_OPTIONS, options))).toEqual(options);
  });

  it.each([
    [['--election-timeout', '149ms'], /^--election-timeout 149ms .* --heartbeat-interval 50ms, or/],
    [['--heartbeat-interval', '101ms'], /^--election-timeout 300ms .* --heartbeat-interval 101ms/],
    [['--snapshot-after-bytes', '257MiB'], /^--snapshot-after-bytes 257MiB .* at most 256MiB, or/],
  ])('cannot be %s', (flags, sentence) => {
    expect(() => protocolOf(parse(...flags))).toThrow(sentence);
  });
});
