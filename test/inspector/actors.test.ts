import { describe, expect, it } from 'vitest';
import { actorEntryAt, actorsAt, historyOfTrace } from '../../src/inspector/history.ts';
import type { ServerHistory } from '../../src/inspector/server-history.ts';
import { actor, hello, told, transition } from './records.ts';

const leads = { active: ['server', 'server.leader'] };
const follows = { active: ['server', 'server.follower'] };

function replication(name: string) {
  return actor(name, { parent: 'server', machine: 'replication', active: ['replication.probe'] });
}

function stopped(name: string, status: 'done' | 'stopped' = 'stopped') {
  return { type: 'stopped', actor: name, status, output: null, atMs: 0 } as const;
}

/** Names and how they were, at the moment of that number. */
function at(server: ServerHistory, number: number): readonly string[] {
  const position = { server: server.id, number, atMs: 0 };
  return actorsAt(server, position).map(({ name, status }) => `${name} ${status}`);
}

describe('the actors of a moment', () => {
  /** 1 leads; 2, 3 begin; 4 b moves; 5 c fails; 6 follows; 7 b stops; 8 leads; 9 b begins. */
  const led = told('a', [
    transition(1, leads),
    replication('server/b'),
    replication('server/c'),
    transition(2, { actor: 'server/b', active: ['replication.pipeline'] }),
    { type: 'failed', actor: 'server/c', message: 'broken', atMs: 0 },
    transition(3, follows),
    stopped('server/b'),
    transition(4, leads),
    replication('server/b'),
  ]);

  it('have begun by then', () => {
    expect([0, 1, 2, 3].map((number) => at(led, number))).toEqual([
      ['server active'],
      ['server active'],
      ['server active', 'server/b active'],
      ['server active', 'server/b active', 'server/c active'],
    ]);
  });

  it('stand where they stood then', () => {
    const stood = (number: number) =>
      actorsAt(led, { server: 'a', number, atMs: 0 }).find(({ name }) => name === 'server/b')
        ?.active;
    expect([3, 4, 9].map(stood)).toEqual([
      ['replication.probe'],
      ['replication.pipeline'],
      ['replication.probe'],
    ]);
  });

  it('keep how they ended, from then on and not before', () => {
    expect(at(led, 4)).toContain('server/c active');
    expect(at(led, 5)).toContain('server/c failed');
  });

  it('are gone with the leadership that had them', () => {
    expect(at(led, 6)).toEqual(['server active', 'server/b active']);
    expect(at(led, 7)).toEqual(['server active']);
    expect(at(led, 8)).toEqual(['server active']);
    expect(at(led, 9)).toEqual(['server active', 'server/b active']);
    expect(led.actors.all().map(({ name }) => name)).toEqual(['server', 'server/b']);
    const then = { server: 'a', number: 8, atMs: 0 };
    expect(actorEntryAt(led, 'server/b', then)).toBeNull();
  });

  it('the server itself stays when it has failed, whatever it was', () => {
    const end = { type: 'failed', actor: 'server', message: 'broken', atMs: 1 } as const;
    expect(at(told('a', [end]), 1)).toEqual(['server failed']);
  });

  it("one's own that are done stay done, also when others stop and begin later", () => {
    const lines = [
      hello('app', 0, 'actors'),
      actor('app', { machine: 'app' }),
      actor('app/once', { parent: 'app', machine: '' }),
      stopped('app/once', 'done'),
      actor('app/other', { parent: 'app', machine: '' }),
      stopped('app/other'),
    ].map((record) => ({ server: 'app', record }));
    const server = historyOfTrace({ lines, recordedAtMs: 0 } as never).servers[0] as ServerHistory;
    expect([1, 2, 3, 4].map((number) => at(server, number))).toEqual([
      ['app active', 'app/once active'],
      ['app active', 'app/once done'],
      ['app active', 'app/once done', 'app/other active'],
      ['app active', 'app/once done', 'app/other stopped'],
    ]);
  });

  it('are lost while their server is, and others after its return', () => {
    const server = told('a', [transition(1, leads), replication('server/b')]);
    server.lose(5, '');
    server.add(hello('a', 9));
    server.add(actor('server', { atMs: 9 }));
    expect([2, 3, 4, 5].map((number) => at(server, number))).toEqual([
      ['server active', 'server/b active'],
      ['server lost', 'server/b lost'],
      [],
      ['server active'],
    ]);
  });

  it('are forgotten with the last moment at which they were there', () => {
    const children = [...Array(100).keys()].flatMap((each) => {
      const name = `app/${each}`;
      return [actor(name, { parent: 'app', machine: '' }), stopped(name)];
    });
    const server = told('app', [], 10);
    server.add(hello('app', 0, 'actors'));
    for (const record of children) server.add(record);
    expect(server.actors.listedAt(0)).toEqual([]);
    expect(server.actors.listedAt(server.entries.first).length).toBeGreaterThan(50);
    expect(server.actors.all()).toHaveLength(60);
  });
});
