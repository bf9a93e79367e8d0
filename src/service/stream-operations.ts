/** What requests in streams are called: in metrics, and in the audit log as over HTTP. */
import { REQUEST } from '../streaming/kinds.ts';

export type StreamOperation =
  | 'put'
  | 'append'
  | 'delete'
  | 'get'
  | 'list'
  | 'open_session'
  | 'close_session';

/** By the kind of a frame; a write turns out to be what its command is. */
export const OPERATIONS: Readonly<Record<number, StreamOperation>> = {
  [REQUEST.write]: 'put',
  [REQUEST.get]: 'get',
  [REQUEST.list]: 'list',
  [REQUEST.openSession]: 'open_session',
  [REQUEST.closeSession]: 'close_session',
};

/** The same request over HTTP, which is how the audit log names it. */
export function overHttp(operation: StreamOperation, key: string) {
  const path = `/v1/kv/${encodeURIComponent(key)}`;
  switch (operation) {
    case 'put':
      return { method: 'PUT', path };
    case 'append':
      return { method: 'POST', path: `${path}/append` };
    case 'delete':
      return { method: 'DELETE', path };
    case 'get':
      return { method: 'GET', path };
    case 'list':
      return { method: 'GET', path: '/v1/kv' };
    case 'open_session':
      return { method: 'POST', path: '/v1/sessions' };
    case 'close_session':
      return { method: 'DELETE', path: '/v1/sessions' };
  }
}
