import { describe, expect, it } from 'vitest';
import { Recording } from '#playground/recording';
import type { Script } from '#playground/script';

const quiet: Script = { seed: 7, servers: 5, scenario: null, deeds: [] };

function leaderOf({ servers }: ReturnType<Recording['frame']>): string | undefined {
  return servers.find(({ role }) => role === 'leader')?.id;
}

describe('a recording', () => {
  it('begins with followers that wait, and elects a leader by itself (§5.2)', async () => {
    const recording = await Recording.start(quiet);
    const first = recording.frame(0);
    expect(first.servers.map(({ role, condition }) => `${role} ${condition}`)).toEqual(
      Array.from({ length: 5 }, () => 'follower running'),
    );
    expect(first.servers.flatMap(({ timers }) => timers.map(({ delay }) => delay))).toEqual(
      Array.from({ length: 5 }, () => 'electionTimeout'),
    );
    await recording.advanceTo(100);
    expect(recording.length).toBe(100);
    expect(leaderOf(recording.last)).toBeDefined();
    expect(recording.last.servers.every(({ appliedIndex }) => appliedIndex === 1)).toBe(true);
  });
});
