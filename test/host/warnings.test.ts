/** What is refused or does not go well is told to who watches, and kept for the status: bounded. */
import { describe, expect, test } from 'vitest';
import { Warnings } from '../../src/host/warnings.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';
import { Rig } from './rig.ts';

describe('warnings', () => {
  test('of transport, storage and machine reach the observer and the status', async () => {
    const told: string[] = [];
    const rig = await Rig.start({ observer: { onWarning: (message) => told.push(message) } });
    rig.transportNotices$.next({ peer: 'b', message: 'Server b was refused.' });
    rig.storageNotices$.next('Write 3 has been under way for 5 s.');
    await rig.advance(1_500);
    rig.transportNotices$.next({ peer: 'b', message: 'Server b was refused.' });
    expect(told).toEqual([
      'Server b was refused.',
      'Write 3 has been under way for 5 s.',
      'Server b was refused.',
    ]);
    const [write, refused] = rig.server.status().warnings;
    expect(write).toEqual({
      ...{ from: 'storage', peer: null, message: told[1], times: 1, agoMs: 1_500 },
    });
    expect(refused).toEqual({
      ...{ from: 'transport', peer: 'b', message: told[0], times: 2, agoMs: 0 },
    });
    await rig.server.stop();
    rig.transportNotices$.next({ peer: 'b', message: 'too late' });
    expect(told).toHaveLength(3);
  });

  test('who throws on hearing one stops the server', async () => {
    const onWarning = () => {
      throw new Error('it cannot hear this');
    };
    const rig = await Rig.start({ observer: { onWarning } });
    rig.transportNotices$.next({ peer: 'b', message: 'Server b was refused.' });
    expect(rig.failures).toMatchObject([{ message: 'it cannot hear this' }]);
  });

  test('however many there are, the latest are kept, and strangers push out no server', () => {
    const warnings = new Warnings(new VirtualClock(), () => {});
    for (let i = 0; i < 20; i += 1) warnings.note('transport', `server ${i}`, `s${i}`);
    for (let i = 0; i < 1_000; i += 1) warnings.note('transport', `from address ${i}`);
    const messages = warnings.latest.map(({ message }) => message);
    expect(messages).toHaveLength(32);
    expect(messages).toContain('server 19');
    expect(messages).not.toContain('server 3');
    expect(messages.at(-1)).toBe('from address 999');
  });

  test('each peer has its own, and the last one is last, whoever it is of', () => {
    const clock = new VirtualClock();
    const warnings = new Warnings(clock, () => {});
    const of = [
      ['b', 'refused'],
      [null, 'from an address'],
      ['c', 'refused'],
    ] as const;
    for (const [peer, message] of of) {
      warnings.note('transport', message, peer);
      clock.advanceTo(clock.now() + 10);
    }
    expect(warnings.latest.map(({ peer, message }) => [peer, message])).toEqual(of);
  });
});
