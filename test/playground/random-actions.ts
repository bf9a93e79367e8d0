/** What tests do to a recording: one of everything, at odd moments. */
import type { Action } from '../../src/playground/action.ts';
import type { ScriptedAction } from '../../src/playground/script.ts';

const actions: readonly Action[] = [
  { type: 'put', server: 'a', key: 'x', value: '1' },
  { type: 'put', server: 'b', key: 'x', value: '1' },
  { type: 'put', server: 'c', key: 'y', value: 'two' },
  { type: 'put', server: 'd', key: 'x', value: '3' },
  { type: 'put', server: 'e', key: 'y', value: 'four' },
  { type: 'append', server: 'e', key: 'x', value: '+' },
  { type: 'cut', from: 'a', to: 'b' },
  { type: 'get', server: 'e', key: 'x' },
  { type: 'crash', server: 'e' },
  { type: 'restart', server: 'e' },
  { type: 'pause', server: 'b' },
  { type: 'timeOut', server: 'c' },
  { type: 'resume', server: 'b' },
  { type: 'restore', from: 'a', to: 'b' },
  {
    type: 'partition',
    groups: [
      ['a', 'b'],
      ['c', 'd', 'e'],
    ],
  },
  { type: 'append', server: 'c', key: 'z', value: 'z' },
  { type: 'heal' },
  { type: 'stop', server: 'd' },
  { type: 'restart', server: 'd' },
  { type: 'takeSnapshot', server: 'c' },
  { type: 'timeOut', server: 'a' },
  { type: 'get', server: 'a', key: 'y' },
];

/** Every `every` events, from `first` on. */
export function randomActions(first: number, every: number): readonly ScriptedAction[] {
  return actions.map((action, at) => ({ after: first + at * every, action }));
}
