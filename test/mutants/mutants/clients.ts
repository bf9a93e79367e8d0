/** What clients may conclude (§8; thesis §6.3). */
import { mutantsOf } from '../rows.ts';

const client = { file: 'machines/rules/request.ts', test: 'test/machines/request.test.ts' };
const sessions = { file: 'machines/rules/sessions.ts', test: 'test/rules/sessions.test.ts' };

export const conclusions = [
  ...mutantsOf(client, [
    {
      id: 'doubt-is-forgotten',
      rule: 'An attempt with an unknown outcome leaves the request in doubt.',
      section: '§8',
      find: 'const mayHaveBeenApplied = state.mayHaveBeenApplied || hasEffect;',
      replace: 'const mayHaveBeenApplied = state.mayHaveBeenApplied && hasEffect;',
    },
    {
      id: 'refused-while-in-doubt',
      rule: 'A request in doubt is never given up as refused.',
      section: '§8',
      find: 'state.mayHaveBeenApplied || state.isAwaited\n',
      replace: 'state.isAwaited\n',
    },
    {
      id: 'refused-while-under-way',
      rule: 'A request whose attempt is under way is never given up as refused.',
      section: '§8',
      find: 'state.mayHaveBeenApplied || state.isAwaited\n',
      replace: 'state.mayHaveBeenApplied\n',
    },
    {
      id: 'doubt-outlives-its-request',
      rule: 'Doubt about one request does not extend to the next.',
      section: '§8',
      find: 'return { ...state, ...initialRequestState, request, leader };',
      replace:
        'return { ...state, ...initialRequestState, mayHaveBeenApplied: state.mayHaveBeenApplied, request, leader };',
    },
    {
      id: 'overloaded-leader-is-left',
      rule: 'An overloaded leader is still the leader.',
      section: '§8',
      find: "const leader = result.reason === 'overloaded' ? endpoint : null;",
      replace: 'const leader = null;',
    },
  ]),
  ...mutantsOf(sessions, [
    {
      id: 'answers-kept-for-ever',
      rule: 'Answers that the client has seen are forgotten.',
      section: 'thesis §6.3',
      find: '    answers: unanswered(session, command.firstUnanswered),\n',
      replace: '',
    },
    {
      id: 'activity-by-an-older-clock',
      rule: 'The time of last activity never falls.',
      section: 'thesis §6.3',
      find: 'lastActive: Math.max(session.lastActive, time),',
      replace: 'lastActive: time,',
    },
  ]),
];
