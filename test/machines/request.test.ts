/** A client's request (§8; thesis §6.3): every state and every end of an attempt, by pure transitions. */
import { describe, expect, test } from 'vitest';
import { createActor, initialTransition, transition } from 'xstate';
import { type RequestEvent, requestMachine } from '../../machines/request.ts';
import {
  type AttemptResult,
  backoffMs,
  type RequestEffect,
  type RequestKind,
  type RetryableError,
} from '../../machines/rules/request.ts';

type Snapshot = ReturnType<typeof initialTransition<typeof requestMachine>>[0];

/** An actor and what it has asked for, fed one event after the other. */
class OneRequest {
  snapshot: Snapshot;
  effects: RequestEffect[] = [];

  constructor(endpoints: readonly string[] = ['a', 'b', 'c']) {
    [this.snapshot] = initialTransition(requestMachine, { endpoints });
  }

  send(event: RequestEvent | { type: `xstate.after.${string}` }): this {
    const [snapshot, actions] = transition(requestMachine, this.snapshot, event as RequestEvent);
    this.snapshot = snapshot;
    const executed: readonly { type: string; params?: unknown }[] = actions;
    this.effects = executed
      .filter((action) => action.type === 'xstate.emit')
      .map((action) => (action.params as { event: RequestEffect }).event);
    return this;
  }

  submit(kind: RequestKind, leader: string | null = null): this {
    const request = { kind, timeoutMs: 5_000, attemptTimeoutMs: 500 };
    return this.send({ type: 'request.submitted', request, leader });
  }

  ends(result: AttemptResult): this {
    const { attempt } = this.snapshot.context;
    return this.send({ type: 'attempt.ended', attempt, result });
  }

  answered(): this {
    return this.ends({ type: 'answered' });
  }

  redirects(leader: string): this {
    return this.ends({ type: 'elsewhere', leader });
  }

  isUnavailable(reason: RetryableError): this {
    return this.ends({ type: 'unavailable', reason });
  }

  isUnknown(reason: 'connection-lost' | 'outcome-unknown' = 'connection-lost'): this {
    return this.ends({ type: 'unknown', reason });
  }

  pause(): this {
    return this.send({ type: 'xstate.after.backoff.request.asking.backingOff' });
  }

  deadline(): this {
    return this.send({ type: 'xstate.after.deadline.request.asking' });
  }

  attemptTimeout(): this {
    return this.send({ type: 'xstate.after.attemptTimeout.request.asking.waiting' });
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

const settledAs = (result: object, leader: string | null = null) => ({
  type: 'settle',
  result,
  leader,
});
const unknown = (reason: string) => ({ outcome: 'unknown', reason });
const refused = (reason: string) => ({ outcome: 'refused', reason });

describe('finding the leader', () => {
  test('a known leader is asked at once', () => {
    const request = new OneRequest().submit('read', 'c');
    expect(request.state).toEqual({ asking: 'waiting' });
    expect(request.sentTo).toBe('c');
  });

  test('without one the servers are asked in turn, and then there is a pause', () => {
    const request = new OneRequest().submit('command');
    const asked = [request.sentTo];
    asked.push(request.isUnavailable('no-leader').sentTo);
    asked.push(request.isUnavailable('no-leader').sentTo);
    expect(asked).toEqual(['a', 'b', 'c']);
    request.isUnavailable('no-leader');
    expect(request.state).toEqual({ asking: 'backingOff' });
    expect(request.effects).toEqual([]);
    expect(request.pause().sentTo).toBe('a');
  });

  test('a redirect is followed to a server we were not told of', () => {
    const request = new OneRequest().submit('command').redirects('d');
    expect(request.state).toEqual({ asking: 'waiting' });
    expect(request.sentTo).toBe('d');
    expect(request.answered().settled).toEqual(settledAs({ outcome: 'answered' }, 'd'));
  });

  test('servers that send us in circles are left alone for a while', () => {
    const request = new OneRequest().submit('command');
    for (const leader of ['b', 'a', 'b']) expect(request.redirects(leader).sentTo).toBe(leader);
    expect(request.redirects('a').state).toEqual({ asking: 'backingOff' });
    expect(request.pause().sentTo).toBe('a');
  });

  test('a redirect that does not say where the leader is leads to the next server', () => {
    expect(new OneRequest().submit('command').isUnavailable('redirected').sentTo).toBe('b');
  });

  test('a leader that cannot be reached is forgotten', () => {
    const request = new OneRequest().submit('command', 'b').isUnavailable('unreachable');
    expect(request.sentTo).toBe('c');
  });

  test('an overloaded leader is still the leader, and is given time', () => {
    const request = new OneRequest().submit('command', 'b').isUnavailable('overloaded');
    expect(request.state).toEqual({ asking: 'backingOff' });
    expect(request.pause().sentTo).toBe('b');
  });

  test('a leader that is not ready may have been replaced', () => {
    expect(new OneRequest().submit('read', 'b').isUnavailable('not-ready').sentTo).toBe('c');
  });

  test('a stale read says nothing about who leads', () => {
    const request = new OneRequest().submit('staleRead').answered();
    expect(request.settled).toEqual(settledAs({ outcome: 'answered' }));
  });

  test('pauses double up to a bound, and chance takes up to half of them', () => {
    const { context } = new OneRequest().snapshot;
    const whole = [0, 1, 2, 4, 9, 99].map((pauses) => backoffMs({ ...context, pauses }, 1));
    expect(whole).toEqual([20, 40, 80, 320, 500, 500]);
    expect(backoffMs({ ...context, pauses: 1 }, 0)).toBe(20);
  });
});

describe('how an attempt ends', () => {
  const kinds: readonly RequestKind[] = ['command', 'sequencedCommand', 'session', 'read'];

  test.each(
    kinds.flatMap((kind) =>
      (['answered', 'refused'] as const).map((type) => [kind, type] as const),
    ),
  )('the first attempt of a %s that is %s is the last', (kind, type) => {
    const request = new OneRequest().submit(kind, 'a').ends({ type });
    expect(request.state).toBe('settled');
    expect(request.settled).toEqual(settledAs({ outcome: 'answered' }, 'a'));
  });

  test('a command without a session is not repeated when the server cannot say what became of it', () => {
    const request = new OneRequest().submit('command', 'a').isUnknown('outcome-unknown');
    expect(request.settled).toMatchObject(settledAs(unknown('outcome-unknown'), 'a'));
  });

  test('a command in a session is repeated when the server cannot say what became of it', () => {
    const request = new OneRequest().submit('sequencedCommand', 'a').isUnknown('outcome-unknown');
    expect(request.sentTo).toBe('b');
    expect(request.answered().settled).toEqual(settledAs({ outcome: 'answered' }, 'b'));
  });

  test('a command without a session whose connection broke may have been applied', () => {
    const request = new OneRequest().submit('command', 'a').isUnknown();
    expect(request.settled).toMatchObject({ result: unknown('connection-lost') });
  });

  test.each(['sequencedCommand', 'session', 'read', 'staleRead'] as const)(
    'a %s whose connection broke is repeated elsewhere',
    (kind) => {
      expect(new OneRequest().submit(kind, 'a').isUnknown().sentTo).toBe('b');
    },
  );

  test('a repeat that is refused leaves a command unknown', () => {
    const request = new OneRequest().submit('sequencedCommand', 'a').isUnknown();
    expect(request.ends({ type: 'refused' }).settled).toMatchObject({
      result: unknown('outcome-unknown'),
    });
    expect(request.state).toBe('settled');
  });

  test('a redirect of a repeat says nothing of the first attempt, which may have come through', () => {
    const request = new OneRequest(['a']).submit('sequencedCommand').isUnknown();
    request.pause().redirects('d');
    expect(request.sentTo).toBe('d');
    expect(request.ends({ type: 'refused' }).settled).toMatchObject({
      result: unknown('outcome-unknown'),
    });
  });

  test('the answer to a repeat in a session is that of the first attempt', () => {
    const request = new OneRequest().submit('sequencedCommand', 'a').isUnknown();
    expect(request.answered().settled).toMatchObject({ result: { outcome: 'answered' } });
  });

  test('a read leaves nothing behind: its repeat may be refused for good', () => {
    const request = new OneRequest().submit('read', 'a').isUnknown().ends({ type: 'refused' });
    expect(request.settled).toMatchObject({ result: { outcome: 'answered' } });
  });

  test('an answer to an attempt that was given up is not taken for the answer to the next', () => {
    const request = new OneRequest().submit('sequencedCommand', 'a');
    const { attempt } = request.snapshot.context;
    request.attemptTimeout();
    for (const type of ['answered', 'refused', 'untrusted'] as const) {
      request.send({ type: 'attempt.ended', attempt, result: { type } });
      expect(request.state).toEqual({ asking: 'waiting' });
      expect(request.effects).toEqual([]);
    }
  });
});

describe('servers that are not trusted', () => {
  test('are all asked, and then the request is refused at once', () => {
    const request = new OneRequest(['a', 'b']).submit('command').ends({ type: 'untrusted' });
    expect(request.sentTo).toBe('b');
    request.ends({ type: 'untrusted' });
    expect(request.settled).toEqual(settledAs(refused('untrusted')));
  });

  test('are asked again while another one may help', () => {
    const request = new OneRequest(['a', 'b']).submit('command').ends({ type: 'untrusted' });
    expect(request.isUnavailable('no-leader').state).toEqual({ asking: 'backingOff' });
    expect(request.pause().ends({ type: 'untrusted' }).sentTo).toBe('b');
    expect(request.deadline().settled).toMatchObject({ result: unknown('timed-out') });
  });

  test('leave what may have been applied before unknown', () => {
    const request = new OneRequest(['a']).submit('sequencedCommand').isUnknown().pause();
    expect(request.ends({ type: 'untrusted' }).settled).toMatchObject({
      result: unknown('connection-lost'),
    });
  });
});

describe('giving up', () => {
  test('an attempt that waits too long is left, and another server is asked', () => {
    const request = new OneRequest().submit('sequencedCommand', 'a');
    const { attempt } = request.snapshot.context;
    request.attemptTimeout();
    expect(request.effects[0]).toEqual({ type: 'abandonRequest', attempt });
    expect(request.sentTo).toBe('b');
  });

  test('without a session an attempt may wait until the deadline', () => {
    const request = new OneRequest().submit('command', 'a').attemptTimeout();
    expect(request.state).toEqual({ asking: 'waiting' });
    expect(request.effects).toEqual([]);
  });

  test.each(['command', 'sequencedCommand', 'read'] as const)(
    'a %s that waits for its answer at the deadline is unknown',
    (kind) => {
      const request = new OneRequest().submit(kind, 'a').deadline();
      expect(request.effects[0]).toEqual({ type: 'abandonRequest', attempt: 1 });
      expect(request.settled).toMatchObject({ result: unknown('timed-out') });
    },
  );

  test.each([
    ['no-leader', (request: OneRequest) => request.isUnavailable('no-leader')],
    ['not-ready', (request: OneRequest) => request.isUnavailable('not-ready')],
    ['stopping', (request: OneRequest) => request.isUnavailable('stopping')],
    ['overloaded', (request: OneRequest) => request.isUnavailable('overloaded')],
    ['redirected', (request: OneRequest) => request.isUnavailable('redirected')],
    ['unreachable', (request: OneRequest) => request.isUnavailable('unreachable')],
  ] as const)(
    'a command that was only ever refused is refused at the deadline: %s',
    (reason, refuse) => {
      const request = new OneRequest(['a']).submit('command');
      refuse(request);
      expect(request.state).toEqual({ asking: 'backingOff' });
      expect(request.deadline().settled).toMatchObject({ result: refused(reason) });
    },
  );

  test('a command of which one attempt was lost is unknown, however often it was refused since', () => {
    const request = new OneRequest(['a']).submit('sequencedCommand').isUnknown();
    request.pause().isUnavailable('no-leader');
    expect(request.deadline().settled).toMatchObject({ result: unknown('timed-out') });
  });

  test('a read that found nobody is refused, although an attempt of it was lost', () => {
    const request = new OneRequest(['a']).submit('read').isUnknown();
    expect(request.deadline().settled).toMatchObject({ result: refused('unreachable') });
  });

  test('what is cancelled while it waits is unknown, and refused before it was sent', () => {
    const waiting = new OneRequest(['a']).submit('command').send({ type: 'request.cancelled' });
    expect(waiting.settled).toMatchObject({ result: unknown('cancelled') });
    const pausing = new OneRequest(['a']).submit('command').isUnavailable('unreachable');
    expect(pausing.send({ type: 'request.cancelled' }).settled).toMatchObject({
      result: refused('cancelled'),
    });
  });
});

describe('one request after the other', () => {
  test('a request knows nothing of what became of the one before', () => {
    const request = new OneRequest(['a']).submit('sequencedCommand').isUnknown();
    request.deadline().submit('command').isUnavailable('unreachable');
    expect(request.deadline().settled).toMatchObject({ result: refused('unreachable') });
  });

  test('a second request at the same time is a bug of the host', () => {
    const actor = createActor(requestMachine, { input: { endpoints: ['a'] } });
    const bugs: unknown[] = [];
    actor.subscribe({ error: (bug) => bugs.push(bug) });
    actor.start();
    const request = { kind: 'read', timeoutMs: 1, attemptTimeoutMs: 1 } as const;
    actor.send({ type: 'request.submitted', request, leader: null });
    expect(bugs).toEqual([]);
    actor.send({ type: 'request.submitted', request, leader: null });
    expect(String(bugs)).toContain('its next request when the last has settled');
  });

  test.each([
    ['idle', new OneRequest()],
    ['settled', new OneRequest().submit('read').answered()],
  ] as const)('when %s, what is late is of no interest', (state, request) => {
    const events: readonly RequestEvent[] = [
      { type: 'request.cancelled' },
      { type: 'attempt.ended', attempt: 1, result: { type: 'answered' } },
      { type: 'attempt.ended', attempt: 1, result: { type: 'unknown', reason: 'connection-lost' } },
    ];
    for (const event of events) {
      request.send(event);
      expect(request.state).toBe(state);
      expect(request.effects).toEqual([]);
    }
  });

  test('while it pauses, nothing but time, the deadline or its host moves it', () => {
    const request = new OneRequest(['a']).submit('sequencedCommand').isUnknown();
    // There is nothing to wait for: an end that comes all the same is of an attempt given up.
    expect(request.answered().state).toEqual({ asking: 'backingOff' });
    expect(request.isUnknown().state).toEqual({ asking: 'backingOff' });
  });
});
