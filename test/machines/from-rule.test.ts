/** What charts hand to their rules: a rule is asked only with what it takes, or nothing compiles. */
import { expect, test } from 'vitest';
import { fromRule, withEvent, withMessage } from '../../machines/from-rule.ts';
import { server } from '../../machines/vocabulary.ts';
import { appendEntries } from '../rules/messages.ts';

test('a rule is asked about the context, with the parameters of the state', () => {
  const isAbove = fromRule((level: number, { bound }: { bound: number }) => level > bound);
  expect(isAbove({ context: 5 }, { bound: 4 })).toBe(true);
  expect(isAbove({ context: 4 }, { bound: 4 })).toBe(false);
});

test('a state hands on its event, or the message that came as one', () => {
  const message = appendEntries();
  expect(withEvent('grantVote')).toMatchObject({ type: 'grantVote' });
  expect(withEvent('acceptEntries').params({ event: message })).toBe(message);
  expect(withMessage('adoptTerm').params({ event: { message } })).toBe(message);
});

test('an event that the rule does not take is refused by the compiler', () => {
  server.createStateConfig({
    on: {
      RequestVote: { guard: withEvent('mayGrantVote'), actions: withEvent('grantVote') },
      // @ts-expect-error votes are not granted to entries
      AppendEntries: { actions: withEvent('grantVote') },
      // @ts-expect-error … nor is it asked whether they may be
      InstallSnapshot: { guard: withEvent('mayGrantVote') },
      // @ts-expect-error the rule wants to know which vote
      PreVote: { actions: 'grantVote' },
      // @ts-expect-error there is no such action
      TimeoutNow: { actions: withEvent('grantVotes') },
      // @ts-expect-error this one wants the message
      'rpc.received': { actions: withEvent('adoptTerm') },
      // @ts-expect-error … which no proposal brings
      'client.proposed': { actions: withMessage('adoptTerm') },
      // @ts-expect-error one of two does not fit
      'storage.persisted': { actions: [withEvent('recordWrites'), withEvent('countVote')] },
    },
    // @ts-expect-error any event may lead into a state
    entry: withEvent('grantVote'),
  });
});
