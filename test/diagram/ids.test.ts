/** The names of states and transitions, as a page that follows a machine needs them. */
import { describe, expect, it } from 'vitest';
import { createActor, setup } from 'xstate';
import { machines } from '../../machines/index.ts';
import { activeStateIds, transitionIdOf } from '../../src/diagram/ids.ts';

const door = setup({ delays: { draught: 1000 } }).createMachine({
  id: 'door',
  initial: 'shut',
  states: {
    shut: {
      on: { open: [{ guard: () => false, target: 'shut' }, 'ajar'] },
    },
    ajar: { always: 'open' },
    open: { after: { 50: 'shut', draught: { target: 'shut', actions: () => {} } } },
  },
});

function taken(machine: typeof door, ...events: readonly string[]): readonly (string | null)[] {
  const ids: (string | null)[] = [];
  const actor = createActor(machine, {
    inspect: (event) => {
      if (event.type !== '@xstate.microstep') return;
      ids.push(...event._transitions.map((definition) => transitionIdOf(definition)));
    },
  });
  actor.start();
  for (const type of events) actor.send({ type } as never);
  actor.stop();
  return ids;
}

describe('a transition has the same id wherever it is met', () => {
  it('is named by its source, its event and its position, also when it happens of itself', () => {
    expect(taken(door, 'open')).toEqual(['door.shut/open/1', 'door.ajar/always/0']);
  });

  it('is named by its delay when time takes it', () => {
    const passed = (delay: string) => taken(door, 'open', `xstate.after.${delay}.door.open`).at(-1);
    expect(passed('50')).toBe('door.open/after.50/0');
    expect(passed('draught')).toBe('door.open/after.draught/0');
  });

  it('is null for what is no transition of a chart', () => {
    expect(transitionIdOf({ source: door.root, eventType: 'xstate.init' })).toBeNull();
    expect(transitionIdOf('open')).toBeNull();
    expect(transitionIdOf(null)).toBeNull();
  });
});

describe('the active states', () => {
  it('are all of them, outermost first', () => {
    expect(activeStateIds(machines.server, { follower: 'following' })).toEqual([
      'server',
      'server.follower',
      'server.follower.following',
    ]);
    expect(
      activeStateIds(machines.server, { leader: { quorum: 'checking', reads: 'idle' } }),
    ).toEqual([
      'server',
      'server.leader',
      'server.leader.quorum',
      'server.leader.quorum.checking',
      'server.leader.reads',
      'server.leader.reads.idle',
    ]);
  });

  it('leave out what the machine does not have', () => {
    expect(activeStateIds(machines.server, 'constructor')).toEqual(['server']);
    expect(activeStateIds(machines.server, 7)).toEqual(['server']);
  });
});
