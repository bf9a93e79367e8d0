/** Whoever looks at their own machine reads what they wrote, and no name that XState made of it. */
import { describe, expect, it } from 'vitest';
import { createActor, createMachine, fromPromise, setup, waitFor } from 'xstate';
import { eventName, eventNameFrom, idName, payloadOf } from '../../src/inspector/event-names.ts';
import type { TransitionRecord } from '../../src/inspector/protocol.ts';
import { Accounted } from './recorded.ts';

describe('an event of XState', () => {
  it.each([
    ['xstate.after.electionTimeout.server.follower', 'after electionTimeout'],
    ['xstate.after.1000.light.green', 'after 1000'],
    ['xstate.done.actor.load', 'onDone load'],
    ['xstate.error.actor.load', 'onError load'],
    ['xstate.snapshot.load', 'onSnapshot load'],
    ['xstate.done.actor.0.shop.paying', 'onDone shop.paying'],
    ['xstate.error.actor.1.shop.paying', 'onError shop.paying (2)'],
    ['xstate.done.state.shop.paying', 'onDone shop.paying'],
    ['xstate.route', 'route'],
    ['xstate.init', 'start'],
    ['xstate.stop', 'stop'],
    ['xstate.promise.resolve', 'resolve'],
    ['xstate.observable.next', 'next'],
    ['rpc.received', 'rpc.received'],
    ['my.xstate.after.all', 'my.xstate.after.all'],
    ['xstate.mine', 'xstate.mine'],
  ])('%s is called %s', (type, name) => {
    expect(eventName(type)).toBe(name);
  });

  it('bears the name of the actor that sent it, and of the state that a route leads to', () => {
    const done = { type: 'xstate.done.actor.0.shop.paying' };
    expect(eventNameFrom(done, 'shop/pay')).toBe('onDone pay');
    expect(eventNameFrom(done, null)).toBe('onDone shop.paying');
    expect(eventNameFrom({ type: 'xstate.route', to: '#help' }, null)).toBe('route #help');
    expect(eventNameFrom({ type: 'add', to: '#help' }, 'shop')).toBe('add');
  });

  it('carries beside its name only what that does not say', () => {
    const done = { type: 'xstate.done.actor.0.shop.paying', actorId: '0.shop.paying', output: 7 };
    expect(payloadOf(done)).toEqual({ output: 7 });
    expect(payloadOf({ type: 'xstate.route', to: '#help', why: 'x' })).toEqual({ why: 'x' });
    const own = { type: 'send', to: '#help', actorId: 'a' };
    expect(payloadOf(own)).toEqual({ to: '#help', actorId: 'a' });
  });

  it('is called the same within the id of a transition', () => {
    expect(idName('shop.paying/xstate.done.actor.0.shop.paying/0')).toBe(
      'shop.paying/onDone shop.paying/0',
    );
    expect(idName('shop/xstate.route/1')).toBe('shop/route/1');
    expect(idName('shop.paying/after.1000/0')).toBe('shop.paying/after.1000/0');
  });
});

describe('actors without an id of their own', () => {
  it('are called by their sources, also in what they have come to', async () => {
    const inner = createMachine({ id: 'inner' });
    const shop = setup({
      actors: { pay: fromPromise(async () => 7), inner },
    }).createMachine({
      id: 'shop',
      initial: 'paying',
      states: {
        paying: {
          invoke: [
            { src: 'pay', onDone: 'paid' },
            { src: 'inner' },
            { src: fromPromise(async () => 8) },
            { src: 'pay', id: 'again' },
          ],
        },
        paid: {},
      },
    });
    const account = new Accounted();
    const actor = createActor(shop, { inspect: account.inspect, id: 'shop' }).start();
    await waitFor(actor, (snapshot) => snapshot.matches('paid'));
    const all = account.next();
    const names = all.flatMap((record) => (record.type === 'actor' ? [record.actor] : []));
    expect(names).toEqual(['shop', 'shop/pay', 'shop/inner', 'shop/(inline)', 'shop/again']);
    const done = all.find(
      (record): record is TransitionRecord =>
        record.type === 'transition' && record.actor === 'shop',
    );
    expect(done && eventNameFrom(done.event, done.from)).toBe('onDone pay');
  });
});
