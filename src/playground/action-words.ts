/** What is done from outside, told of whom it is done to: stories do it as well as people. */
import type { Action } from './action.ts';

export function actionSentence(action: Action): string {
  switch (action.type) {
    case 'put':
      return `a client at ${action.server}: put ${action.key} = ${action.value}`;
    case 'append':
      return `a client at ${action.server}: append ${action.value} to ${action.key}`;
    case 'get':
      return `a client at ${action.server}: get ${action.key}`;
    case 'drop':
      return `message ${action.flight}: dropped`;
    case 'cut':
      return `link ${action.from}→${action.to}: cut`;
    case 'restore':
      return `link ${action.from}→${action.to}: restored`;
    case 'partition':
      return `network: split into ${action.groups.map((group) => group.join(' ')).join(' | ')}`;
    case 'heal':
      return 'network: all links restored';
    default:
      return `${action.server}: ${TO_A_SERVER[action.type]}`;
  }
}

const TO_A_SERVER = {
  stop: 'told to stop',
  crash: 'power cut',
  restart: 'restart',
  pause: 'paused',
  resume: 'resumed',
  timeOut: 'timer made to run out',
  takeSnapshot: 'told to take a snapshot',
} as const;
