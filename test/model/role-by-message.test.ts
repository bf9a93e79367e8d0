/** The table of roles and messages says what the machine does, about every event there is. */
import { describe, expect, test } from 'vitest';
import { MESSAGE_TYPES, type Message } from '../../machines/rules/messages.ts';
import { serverMachine } from '../../machines/server.ts';
import {
  candidate,
  elected,
  hears,
  persisted,
  preCandidate,
  type Step,
  takes,
} from '../machines/steps.ts';
import * as messages from '../rules/messages.ts';
import {
  ROLE_BY_MESSAGE,
  ROLES,
  type RoleColumn,
  type Row,
  type Table,
} from './role-by-message.ts';
import { definitionsOf } from './transitions.ts';

/** Four servers in term 2 with the log '1 1': one that hears from b, and three that ask or lead. */
const servers: Readonly<Record<RoleColumn, Step>> = {
  follower: hears(
    persisted(
      hears(preCandidate({ log: '1 1', currentTerm: 2 }), messages.appendEntries({ term: 2 })),
    ),
    messages.appendEntries({ term: 2 }),
  ),
  preVote: preCandidate({ log: '1 1', currentTerm: 2 }),
  vote: candidate({ log: '1 1' }),
  leader: elected({ log: '1 1' }),
};

/** What a server visibly did: another state, an effect, a word to an actor, a timer. */
function verdict(before: Step, act: () => Step): 'acts' | 'refuses' | 'ignores' {
  let after: Step;
  try {
    after = act();
  } catch {
    return 'refuses';
  }
  const isRefusal = after.effects.some(
    (effect) =>
      effect.type === 'rejectProposals' ||
      effect.type === 'rejectReads' ||
      (effect.type === 'send' && 'granted' in effect.message && !effect.message.granted),
  );
  if (isRefusal) return 'refuses';
  const isQuiet = after.effects.length + after.outgoing.length + after.armed.length === 0;
  return isQuiet && after.context === before.context && after.value === before.value
    ? 'ignores'
    : 'acts';
}

/** What the table says and the machine does not do, a line each. */
function liesIn(table: Table): readonly string[] {
  return Object.entries(table).flatMap(([type, [event, row]]) =>
    ROLES.flatMap((role, at) => {
      const server = servers[role];
      const isMessage = MESSAGE_TYPES.includes(type as never);
      const act = () =>
        isMessage ? hears(server, event as Message) : takes(server, event as never);
      const [said, done] = [row[at]?.split(' ')[0], verdict(server, act)];
      return said === done ? [] : [`a server in ${role} ${done} ${type}; the table: ${row[at]}`];
    }),
  );
}

/** Every event that some state of the machine handles, the gate's own, delays and chunks it raises apart. */
const handled = [...new Set(definitionsOf(serverMachine).map(({ eventType }) => eventType))]
  .filter(
    (type) =>
      !['', 'rpc.received', 'chunk.received'].includes(type) && !type.startsWith('xstate.after.'),
  )
  .sort();

function missingFrom(table: Table): readonly string[] {
  return handled.filter((type) => table[type] === undefined);
}

test('the four are what they are said to be', () => {
  expect(ROLES.map((role) => servers[role].value)).toEqual([
    'follower.following',
    'candidate.preVote',
    'candidate.vote',
    'leader',
  ]);
  for (const role of ROLES) expect(servers[role].context.currentTerm).toBe(2);
});

describe('the table', () => {
  test('tells the truth in every cell', () => {
    expect(liesIn(ROLE_BY_MESSAGE)).toEqual([]);
  });

  test('has every event that the machine handles, and no other', () => {
    expect(Object.keys(ROLE_BY_MESSAGE).sort()).toEqual(handled);
  });

  test('begins with the messages, in Figure 2’s order', () => {
    expect(Object.keys(ROLE_BY_MESSAGE).slice(0, MESSAGE_TYPES.length)).toEqual([...MESSAGE_TYPES]);
  });

  test.each(Object.keys(ROLE_BY_MESSAGE))('without %s it is incomplete', (type) => {
    const { [type]: _, ...others } = ROLE_BY_MESSAGE;
    expect(missingFrom(others)).toEqual([type]);
  });

  test.each(Object.entries(ROLE_BY_MESSAGE))('a lie about %s is found', (type, [event, row]) => {
    for (const at of ROLES.keys()) {
      const lie = row[at] === 'acts' ? 'refuses' : 'acts';
      const lying = row.with(at, lie) as unknown as Row;
      expect(liesIn({ [type]: [event, lying] })).toHaveLength(1);
    }
  });
});

describe('no event is ignored for want of a handler', () => {
  test('the root decides every one of them, or each role does for itself', () => {
    const decides = (state: object | undefined, type: string) => type in (state ?? {});
    const { root } = serverMachine;
    const undecided = handled.filter((type) => {
      const isRoots = decides(root.config.on, type);
      const roles = Object.values(root.states);
      return !isRoots && !roles.every(({ config }) => decides(config.on, type));
    });
    expect(undecided).toEqual([]);
  });
});
