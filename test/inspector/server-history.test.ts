import { describe, expect, it } from 'vitest';
import { ServerHistory } from '../../src/inspector/server-history.ts';
import { actor, hello, received, told, transition } from './records.ts';

const leads = {
  value: { leader: {} },
  active: ['server', 'server.leader'],
  changes: { currentTerm: 2, heardLeader: 'a' },
};

describe('the story of a server', () => {
  it('every transition is kept once and in order, with the context as it was then', () => {
    const server = told('a', [
      transition(1, { changes: { commitIndex: 1 } }),
      transition(2, { changes: { commitIndex: 2, currentTerm: 3 } }),
      transition(3),
    ]);
    const moments = [1, 2, 3].map((number) => server.entries.at(number));
    expect(moments.map((moment) => moment?.context)).toEqual([
      { currentTerm: 1, commitIndex: 1, heardLeader: null },
      { currentTerm: 3, commitIndex: 2, heardLeader: null },
      { currentTerm: 3, commitIndex: 2, heardLeader: null },
    ]);
    expect([server.transitions, server.dropped]).toEqual([3, 0]);
  });

  it('an event is ignored when a machine has no transition for it, and an actor without one has none', () => {
    const server = new ServerHistory('app', 0);
    const records = [
      hello('app', 0, 'actors'),
      actor('app', { machine: 'app' }),
      actor('app/clock', { parent: 'app', machine: '' }),
      transition(1, { actor: 'app', from: 'app/clock' }),
      transition(2, { actor: 'app', from: 'app/clock', transitions: ['app/tick/0'] }),
      transition(3, { actor: 'app/clock', from: 'app' }),
    ];
    for (const record of records) server.add(record);
    const moments = [2, 3, 4].map((number) => server.entries.at(number)?.isIgnored);
    expect(moments).toEqual([true, false, false]);
    const arrows = [0, 1, 2].map((number) => server.happened.at(number)?.isIgnored);
    expect(arrows).toEqual([true, false, false]);
  });

  it('what is dropped is counted, and stands where it is missing', () => {
    const server = told('a', [
      transition(1),
      { type: 'dropped', count: 40, atMs: 2 },
      transition(42),
    ]);
    expect([server.transitions, server.dropped]).toEqual([2, 40]);
    expect(server.entries.at(2)).toMatchObject({
      kind: 'dropped',
      count: 40,
    });
  });

  it('what became of a server lasts longer than what it did, with all of then', () => {
    const beats = Array.from({ length: 50 }, (_, at) => {
      return transition(at + 2, { value: leads.value, active: leads.active });
    });
    const server = told('a', [transition(1, leads), ...beats], 10);
    expect(server.entries.first).toBe(42);
    expect(server.entries.lasting.map(({ number }) => number)).toEqual([1]);
    expect(server.entries.at(1)?.summary).toMatchObject({ role: 'leader', term: 2 });
    expect(server.marks.at(0)?.mark?.text).toBe('leader of term 2');
  });

  it('a role that it has got while nobody was connected is marked when it is back', () => {
    const server = told('a', [transition(1)]);
    server.lose(500, 'it does not answer');
    server.add(hello('a', 1_000));
    const { value, active, changes } = leads;
    server.add(actor('server', { atMs: 1_000, value, active, context: changes }));
    expect(server.marks.last?.mark?.text).toBe('leader of term 2');
  });

  it('a gap in the numbers that nobody explains is counted too', () => {
    const server = told('a', [transition(1), transition(5)]);
    expect([server.transitions, server.dropped]).toEqual([2, 3]);
  });

  it('the numbers of another connection begin anew', () => {
    const server = told('a', [transition(1), transition(2), hello('a', 3), transition(1)]);
    expect([server.transitions, server.dropped]).toEqual([3, 0]);
  });

  it('the card says the role, the term and the commit index of every moment', () => {
    const server = told('a', [
      transition(1, { changes: { commitIndex: 7 } }),
      transition(2, leads),
    ]);
    expect([0, 1, 2].map((number) => server.entries.at(number)?.summary)).toEqual([
      { role: 'follower', term: 1, commitIndex: 0, leader: null, lostAtMs: null },
      { role: 'follower', term: 1, commitIndex: 7, leader: null, lostAtMs: null },
      { role: 'leader', term: 2, commitIndex: 7, leader: 'a', lostAtMs: null },
    ]);
  });

  it('a replication actor says nothing about the card of its server', () => {
    const server = told('a', [
      transition(1, leads),
      actor('server/b', { parent: 'server', machine: 'replication', active: ['replication'] }),
      transition(2, { actor: 'server/b', active: ['replication'], changes: { currentTerm: 9 } }),
    ]);
    expect(server.entries.last?.summary).toMatchObject({ role: 'leader', term: 2 });
  });

  it('only the last so many are kept, and it is known how many are gone', () => {
    const server = told(
      'a',
      [1, 2, 3, 4, 5, 6].map((number) => transition(number)),
      4,
    );
    expect([server.entries.first, server.entries.total, server.transitions]).toEqual([3, 7, 6]);
  });

  it('actors come and go', () => {
    const server = told('a', [
      transition(1, leads),
      actor('server/b', { parent: 'server', machine: 'replication' }),
      actor('server/c', { parent: 'server', machine: 'replication' }),
      { type: 'stopped', actor: 'server/b', status: 'stopped', output: null, atMs: 1 },
      { type: 'failed', actor: 'server/c', message: 'broken', atMs: 2 },
    ]);
    expect(server.actors.all().map(({ name, status }) => [name, status])).toEqual([
      ['server', 'active'],
      ['server/b', 'stopped'],
      ['server/c', 'failed'],
    ]);
    expect(server.entries.last?.event).toEqual({ type: '(failed)', message: 'broken' });
  });

  it('a lost server says since when, and what it was is kept until it is back', () => {
    const server = told('a', [transition(1, leads)]);
    server.lose(500, '');
    server.lose(900, '');
    expect(server.reach).toEqual({ state: 'lost', sinceMs: 500, why: '' });
    expect(server.actors.get('server')?.status).toBe('lost');
    expect(server.entries.last?.summary.role).toBe('leader');
    server.add(hello('a', 1_000));
    server.add(actor('server', { atMs: 1_000 }));
    expect(server.reach).toMatchObject({ state: 'connected', sinceMs: 1_000 });
    const marks = [...Array(server.happened.total).keys()].map(
      (number) => server.happened.at(number)?.mark?.kind,
    );
    expect(marks).toEqual(['leader', 'lost', 'found', 'follower']);
  });

  it('a server that ends says why', () => {
    const server = told('a', [{ type: 'ended', why: 'the server stops', atMs: 7 }]);
    expect(server.reach).toEqual({ state: 'lost', sinceMs: 7, why: 'the server stops' });
  });

  it('messages that arrive are arrows, each at its event', () => {
    const vote = { type: 'RequestVote', from: 'b', to: 'a', term: 2, number: 1 };
    const server = told('a', [transition(1), transition(2, received(vote))]);
    expect(server.happened.at(0)).toMatchObject({
      server: 'a',
      number: 2,
      arrival: { kind: 'RequestVote', from: 'b', to: 'a', isReply: false },
    });
  });
});
