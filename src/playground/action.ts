/** What one can do to the cluster in the playground: plain data, so that a link can carry it. */
import type { ServerId } from '../../machines/rules/entries.ts';

export type Action =
  /** A client's call, to one server; only the leader takes it. */
  | {
      readonly type: 'put';
      readonly server: ServerId;
      readonly key: string;
      readonly value: string;
    }
  | {
      readonly type: 'append';
      readonly server: ServerId;
      readonly key: string;
      readonly value: string;
    }
  | { readonly type: 'get'; readonly server: ServerId; readonly key: string }
  /** As by SIGTERM: it settles what is pending, hands over and is gone. */
  | { readonly type: 'stop'; readonly server: ServerId }
  /** The power goes, and with it what was not synced. */
  | { readonly type: 'crash'; readonly server: ServerId }
  /** From its disk; crashes it first if it runs. */
  | { readonly type: 'restart'; readonly server: ServerId }
  /** As by SIGSTOP and SIGCONT. */
  | { readonly type: 'pause'; readonly server: ServerId }
  | { readonly type: 'resume'; readonly server: ServerId }
  /** Its election timer runs out now. */
  | { readonly type: 'timeOut'; readonly server: ServerId }
  | { readonly type: 'takeSnapshot'; readonly server: ServerId }
  /** The message of that number is lost on its way. */
  | { readonly type: 'drop'; readonly flight: number }
  /** One direction of a link. */
  | { readonly type: 'cut'; readonly from: ServerId; readonly to: ServerId }
  | { readonly type: 'restore'; readonly from: ServerId; readonly to: ServerId }
  /** Groups hear nothing of each other. */
  | { readonly type: 'partition'; readonly groups: readonly (readonly ServerId[])[] }
  | { readonly type: 'heal' };
