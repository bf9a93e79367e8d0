/** One step of one server: what it was told, the state before and after, and what it wants done. */

import type { Effect } from '../../machines/rules/effects.ts';
import type { ServerId } from '../../machines/rules/entries.ts';
import type { Message } from '../../machines/rules/messages.ts';
import type { ReplicationRequest } from '../../machines/rules/replication.ts';
import type { ServerState } from '../../machines/rules/state.ts';
import { isMisaddressed } from '../../machines/rules/terms.ts';
import type { Role } from '../../machines/server.ts';
import type { HostEvent } from '../../machines/vocabulary.ts';

/** From its host, from one of its replication actors, or a timer that ran out. */
export type StepEvent = HostEvent | ReplicationRequest | { readonly type: `xstate.${string}` };

export interface Step {
  readonly server: ServerId;
  /** Null: nothing, as with its first step; or it is not known which timer it was. */
  readonly event: StepEvent | null;
  /** Null before its first step. */
  readonly before: ServerState | null;
  readonly after: ServerState;
  readonly roleBefore: Role;
  readonly role: Role;
  /** In the order in which they were decided. */
  readonly effects: readonly Effect[];
}

/** A step that is not the first. */
export type NextStep = Step & { readonly before: ServerState };

/** The message that came in this step; null when it was something else, or a message not for it. */
export function messageOf({ event, after }: Step): Message | null {
  if (event?.type !== 'rpc.received') return null;
  const { message } = event as { readonly message: Message };
  return isMisaddressed(after, message) ? null : message;
}

export function effectsOf<Type extends Effect['type']>(
  { effects }: Step,
  type: Type,
): readonly Extract<Effect, { readonly type: Type }>[] {
  return effects.filter(
    (effect): effect is Extract<Effect, { readonly type: Type }> => effect.type === type,
  );
}

/** The messages that it sends, or will once they may be. */
export function sendsOf<Type extends Message['type']>(
  step: Step,
  type: Type,
): readonly Extract<Message, { readonly type: Type }>[] {
  return effectsOf(step, 'send')
    .map(({ message }) => message)
    .filter(
      (message): message is Extract<Message, { readonly type: Type }> => message.type === type,
    );
}
