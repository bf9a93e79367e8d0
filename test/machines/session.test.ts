/** A client's session (§8; thesis §6.3): every state and every answer, by pure transitions. */
import { describe, expect, test } from 'vitest';
import { createActor, initialTransition, transition } from 'xstate';
import { backoffMs, type RequestKind, type SessionEffect } from '../../machines/rules/client.ts';
import type { ServerAnswer } from '../../machines/rules/server-answers.ts';
import { type SessionEvent, sessionMachine } from '../../machines/session.ts';

type Snapshot = ReturnType<typeof initialTransition<typeof sessionMachine>>[0];

/** A session and what it has asked for, fed one event after the other. */
class Session {
  snapshot: Snapshot;
  effects: SessionEffect[] = [];

  constructor(endpoints: readonly string[] = ['a', 'b', 'c']) {
    [this.snapshot] = initialTransition(sessionMachine, { endpoints });
  }

  send(event: SessionEvent | { type: `xstate.after.${string}` }): this {
    const [snapshot, actions] = transition(sessionMachine, this.snapshot, event as SessionEvent);
    this.snapshot = snapshot;
    const executed: readonly { type: string; params?: unknown }[] = actions;
    this.effects = executed
      .filter((action) => action.type === 'xstate.emit')
      .map((action) => (action.params as { event: SessionEffect }).event);
    return this;
  }

  submit(kind: RequestKind, leader: string | null = null): this {
    const request = { kind, timeoutMs: 5_000, attemptTimeoutMs: 500 };
    return this.send({ type: 'request.submitted', request, leader });
  }

  answer(status: number, fields: Partial<ServerAnswer> = {}): this {
    const { attempt } = this.snapshot.context;
    return this.send({
      type: 'answer.received',
      attempt,
      status,
      code: null,
      leader: null,
      ...fields,
    });
  }

  breaks(type: 'connection.refused' | 'connection.lost'): this {
    return this.send({ type, attempt: this.snapshot.context.attempt });
  }

  pause(): this {
    return this.send({ type: 'xstate.after.backoff.session.asking.backingOff' });
  }

  deadline(): this {
    return this.send({ type: 'xstate.after.deadline.session.asking' });
  }

  attemptTimeout(): this {
    return this.send({ type: 'xstate.after.attemptTimeout.session.asking.waiting' });
  }

  get state(): unknown {
    return this.snapshot.value;
  }

  get sentTo(): string | undefined {
    const sent = this.effects.find((effect) => effect.type === 'sendRequest');
    return sent?.endpoint;
  }

  get settled(): unknown {
    return this.effects.find((effect) => effect.type === 'settle');
  }
}

const settledAs = (verdict: object, leader: string | null = null) => ({
  type: 'settle',
  verdict,
  leader,
});
const unknown = (reason: string) => ({ outcome: 'unknown', reason });
const refused = (reason: string) => ({ outcome: 'refused', reason });

describe('finding the leader', () => {
  test('a known leader is asked at once', () => {
    const session = new Session().submit('read', 'c');
    expect(session.state).toEqual({ asking: 'waiting' });
    expect(session.sentTo).toBe('c');
  });

  test('without one the servers are asked in turn, and then there is a pause', () => {
    const session = new Session().submit('command');
    const asked = [session.sentTo];
    asked.push(session.answer(503, { code: 'no_leader' }).sentTo);
    asked.push(session.answer(503, { code: 'no_leader' }).sentTo);
    expect(asked).toEqual(['a', 'b', 'c']);
    session.answer(503, { code: 'no_leader' });
    expect(session.state).toEqual({ asking: 'backingOff' });
    expect(session.effects).toEqual([]);
    expect(session.pause().sentTo).toBe('a');
  });

  test('a redirect is followed to a server we were not told of', () => {
    const session = new Session().submit('command').answer(307, { leader: 'd' });
    expect(session.state).toEqual({ asking: 'waiting' });
    expect(session.sentTo).toBe('d');
    expect(session.answer(200).settled).toEqual(settledAs({ outcome: 'answered' }, 'd'));
  });

  test('servers that send us in circles are left alone for a while', () => {
    const session = new Session().submit('command');
    for (const leader of ['b', 'a', 'b'])
      expect(session.answer(307, { leader }).sentTo).toBe(leader);
    expect(session.answer(307, { leader: 'a' }).state).toEqual({ asking: 'backingOff' });
    expect(session.pause().sentTo).toBe('a');
  });

  test('a redirect that does not say where the leader is leads to the next server', () => {
    expect(new Session().submit('command').answer(307).sentTo).toBe('b');
  });

  test('a leader that cannot be reached is forgotten', () => {
    const session = new Session().submit('command', 'b').breaks('connection.refused');
    expect(session.sentTo).toBe('c');
  });

  test('an overloaded leader is still the leader, and is given time', () => {
    const session = new Session().submit('command', 'b').answer(429, { code: 'overloaded' });
    expect(session.state).toEqual({ asking: 'backingOff' });
    expect(session.pause().sentTo).toBe('b');
  });

  test('a leader that is not ready may have been replaced', () => {
    expect(new Session().submit('read', 'b').answer(503, { code: 'not_ready' }).sentTo).toBe('c');
  });

  test('a stale read says nothing about who leads', () => {
    const session = new Session().submit('staleRead').answer(200);
    expect(session.settled).toEqual(settledAs({ outcome: 'answered' }));
  });

  test('pauses double up to a bound, and chance takes up to half of them', () => {
    const { context } = new Session().snapshot;
    const whole = [0, 1, 2, 4, 9, 99].map((pauses) => backoffMs({ ...context, pauses }, 1));
    expect(whole).toEqual([20, 40, 80, 320, 500, 500]);
    expect(backoffMs({ ...context, pauses: 1 }, 0)).toBe(20);
  });
});

describe('what an answer means', () => {
  const kinds: readonly RequestKind[] = ['command', 'sequencedCommand', 'openSession', 'read'];

  test.each(
    kinds.flatMap((kind) =>
      [200, 201, 404, 412, 400, 409, 410, 413, 507].map((s) => [kind, s] as const),
    ),
  )('to the first copy of a %s, %i is final', (kind, status) => {
    const session = new Session().submit(kind, 'a').answer(status);
    expect(session.state).toBe('settled');
    expect(session.settled).toEqual(settledAs({ outcome: 'answered' }, 'a'));
  });

  test.each([500, 502, 504])('a command without a session is not repeated after %i', (status) => {
    const session = new Session().submit('command', 'a').answer(status);
    expect(session.settled).toMatchObject(settledAs(unknown('outcome-unknown'), 'a'));
  });

  test.each([500, 502, 504])('a command in a session is repeated after %i', (status) => {
    const session = new Session().submit('sequencedCommand', 'a').answer(status);
    expect(session.sentTo).toBe('b');
    expect(session.answer(200).settled).toEqual(settledAs({ outcome: 'answered' }, 'b'));
  });

  test('a command without a session whose connection broke may have been applied', () => {
    const session = new Session().submit('command', 'a').breaks('connection.lost');
    expect(session.settled).toMatchObject({ verdict: unknown('connection-lost') });
  });

  test.each(['sequencedCommand', 'openSession', 'read', 'staleRead'] as const)(
    'a %s whose connection broke is repeated elsewhere',
    (kind) => {
      expect(new Session().submit(kind, 'a').breaks('connection.lost').sentTo).toBe('b');
    },
  );

  test.each([400, 409, 410, 413, 507])('on a repeat, %i leaves a command unknown', (status) => {
    const session = new Session().submit('sequencedCommand', 'a').breaks('connection.lost');
    expect(session.answer(status).settled).toMatchObject({ verdict: unknown('outcome-unknown') });
    expect(session.state).toBe('settled');
  });

  test('a redirect of a repeat says nothing of the first copy, which may have come through', () => {
    const session = new Session(['a']).submit('sequencedCommand').breaks('connection.lost');
    session.pause().answer(307, { leader: 'd' });
    expect(session.sentTo).toBe('d');
    expect(session.answer(410).settled).toMatchObject({ verdict: unknown('outcome-unknown') });
  });

  test.each([200, 404, 412])('on a repeat in a session, %i is the first answer', (status) => {
    const session = new Session().submit('sequencedCommand', 'a').breaks('connection.lost');
    expect(session.answer(status).settled).toMatchObject({ verdict: { outcome: 'answered' } });
  });

  test('a read leaves nothing behind: its repeat may be refused for good', () => {
    const session = new Session().submit('read', 'a').breaks('connection.lost').answer(400);
    expect(session.settled).toMatchObject({ verdict: { outcome: 'answered' } });
  });

  test('an answer to a copy that was given up is not taken for the answer to the next', () => {
    const session = new Session().submit('sequencedCommand', 'a');
    const { attempt } = session.snapshot.context;
    session.attemptTimeout();
    session.send({ type: 'answer.received', attempt, status: 410, code: null, leader: null });
    expect(session.state).toEqual({ asking: 'waiting' });
    expect(session.effects).toEqual([]);
    session.send({ type: 'connection.lost', attempt });
    session.send({ type: 'connection.refused', attempt });
    expect(session.state).toEqual({ asking: 'waiting' });
  });
});

describe('giving up', () => {
  test('a copy that waits too long is left, and another server is asked', () => {
    const session = new Session().submit('sequencedCommand', 'a');
    const { attempt } = session.snapshot.context;
    session.attemptTimeout();
    expect(session.effects[0]).toEqual({ type: 'abandonRequest', attempt });
    expect(session.sentTo).toBe('b');
  });

  test('without a session a copy may wait until the deadline', () => {
    const session = new Session().submit('command', 'a').attemptTimeout();
    expect(session.state).toEqual({ asking: 'waiting' });
    expect(session.effects).toEqual([]);
  });

  test.each(['command', 'sequencedCommand', 'read'] as const)(
    'a %s that waits for its answer at the deadline is unknown',
    (kind) => {
      const session = new Session().submit(kind, 'a').deadline();
      expect(session.effects[0]).toEqual({ type: 'abandonRequest', attempt: 1 });
      expect(session.settled).toMatchObject({ verdict: unknown('timed-out') });
    },
  );

  test.each([
    ['no-leader', (session: Session) => session.answer(503, { code: 'no_leader' })],
    ['not-ready', (session: Session) => session.answer(503, { code: 'not_ready' })],
    ['stopping', (session: Session) => session.answer(503, { code: 'stopping' })],
    ['overloaded', (session: Session) => session.answer(429, { code: 'overloaded' })],
    ['redirected', (session: Session) => session.answer(307)],
    ['unreachable', (session: Session) => session.breaks('connection.refused')],
  ] as const)(
    'a command that was only ever refused is refused at the deadline: %s',
    (reason, refuse) => {
      const session = new Session(['a']).submit('command');
      refuse(session);
      expect(session.state).toEqual({ asking: 'backingOff' });
      expect(session.deadline().settled).toMatchObject({ verdict: refused(reason) });
    },
  );

  test('a command of which one copy was lost is unknown, however often it was refused since', () => {
    const session = new Session(['a']).submit('sequencedCommand').breaks('connection.lost');
    session.pause().answer(503, { code: 'no_leader' });
    expect(session.deadline().settled).toMatchObject({ verdict: unknown('timed-out') });
  });

  test('a read that found nobody is refused, although a copy of it was lost', () => {
    const session = new Session(['a']).submit('read').breaks('connection.lost');
    expect(session.deadline().settled).toMatchObject({ verdict: refused('unreachable') });
  });

  test('what is cancelled while it waits is unknown, and refused before it was sent', () => {
    const waiting = new Session(['a']).submit('command').send({ type: 'request.cancelled' });
    expect(waiting.settled).toMatchObject({ verdict: unknown('cancelled') });
    const pausing = new Session(['a']).submit('command').breaks('connection.refused');
    expect(pausing.send({ type: 'request.cancelled' }).settled).toMatchObject({
      verdict: refused('cancelled'),
    });
  });
});

describe('one request after the other', () => {
  test('a settled session forgets the doubts of the request before', () => {
    const session = new Session(['a']).submit('sequencedCommand').breaks('connection.lost');
    session.deadline().submit('command').breaks('connection.refused');
    expect(session.deadline().settled).toMatchObject({ verdict: refused('unreachable') });
  });

  test('a second request at the same time is a bug of the host', () => {
    const actor = createActor(sessionMachine, { input: { endpoints: ['a'] } });
    const bugs: unknown[] = [];
    actor.subscribe({ error: (bug) => bugs.push(bug) });
    actor.start();
    const request = { kind: 'read', timeoutMs: 1, attemptTimeoutMs: 1 } as const;
    actor.send({ type: 'request.submitted', request, leader: null });
    expect(bugs).toEqual([]);
    actor.send({ type: 'request.submitted', request, leader: null });
    expect(String(bugs)).toContain('given its next request when it has settled the last');
  });

  test.each([
    ['idle', new Session()],
    ['settled', new Session().submit('read').answer(200)],
  ] as const)('when %s, what is late is of no interest', (state, session) => {
    const events: readonly SessionEvent[] = [
      { type: 'request.cancelled' },
      { type: 'answer.received', attempt: 1, status: 200, code: null, leader: null },
      { type: 'connection.refused', attempt: 1 },
      { type: 'connection.lost', attempt: 1 },
    ];
    for (const event of events) {
      session.send(event);
      expect(session.state).toBe(state);
      expect(session.effects).toEqual([]);
    }
  });

  test('while it pauses, nothing but time, the deadline or its host moves it', () => {
    const session = new Session(['a']).submit('sequencedCommand').breaks('connection.lost');
    for (const type of ['connection.refused', 'connection.lost'] as const) session.breaks(type);
    expect(session.answer(200).state).toEqual({ asking: 'backingOff' });
  });
});
