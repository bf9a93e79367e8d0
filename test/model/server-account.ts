/**
 * What a path alone knows of a server: its writes and which of them are done, the votes and answers
 * that reached it, what it was told to apply. Kept from events and effects, not from its state.
 */

import type { Effect, Persist } from '../../machines/rules/effects.ts';
import type { LogIndex, ServerId } from '../../machines/rules/entries.ts';
import type { Message } from '../../machines/rules/messages.ts';
import type { ServerState } from '../../machines/rules/state.ts';
import { roleOf } from '../../machines/server.ts';
import { diskOf, type PaperDisk, written } from './paper-disk.ts';
import type { Step } from './step.ts';

export class ServerAccount {
  /** All that was decided; and of that, what the disk has confirmed. */
  decided: PaperDisk;
  durable: PaperDisk;
  /** The write that holds the term. */
  ofTerm = 0;
  /** Who has granted the present request for votes. */
  readonly grants = new Set<ServerId>();
  /** What each follower has acknowledged to this leadership. */
  readonly acknowledged = new Map<ServerId, LogIndex>();
  /** Who has echoed a number given out since the last quorum check. */
  lastAcknowledgedRequest: ReadonlySet<ServerId> = new Set();
  /** Handed out to be applied, or restored from a snapshot. */
  appliedThrough: LogIndex;
  readonly settledReads = new Set<number>();
  #checkedAt = 0;
  readonly #disks: PaperDisk[];

  constructor({ log, currentTerm, votedFor, snapshot }: ServerState) {
    this.decided = diskOf(log, currentTerm, votedFor);
    this.durable = this.decided;
    this.#disks = [this.decided];
    this.appliedThrough = snapshot?.index ?? 0;
  }

  /** What reaches the server, before it is seen what it makes of it. */
  hear(before: Step<ServerState>, { event }: Step): void {
    if (event.type === 'storage.persisted') {
      const { writeId: number } = event as unknown as { writeId: number };
      this.durable = this.#disks.findLast((disk) => disk.number <= number) ?? this.durable;
    }
    const message = messageTo(before.context, event);
    if (message !== null) this.#hearMessage(before, message);
  }

  #hearMessage({ value, context }: Step<ServerState>, message: Message): void {
    const { currentTerm } = context;
    if (message.type === 'RequestVoteResponse') {
      const isOurs = message.requestId === context.campaign?.requestId;
      const isOfTerm = message.requestTerm === currentTerm && message.term === currentTerm;
      const counts = isOurs && isOfTerm && !lacksEntries(context, message.from);
      if (counts && message.granted) this.grants.add(message.from);
    }
    if (roleOf({ value }) !== 'leader' || !('requestTerm' in message)) return;
    if (message.requestTerm !== currentTerm || message.term !== currentTerm) return;
    const { from } = message;
    if (message.requestId > this.#checkedAt)
      this.lastAcknowledgedRequest = new Set([...this.lastAcknowledgedRequest, from]);
    const matched = matchedBy(message, context);
    this.acknowledged.set(from, Math.max(matched, this.acknowledged.get(from) ?? 0));
  }

  /** Who is found without what it had acknowledged has lastAcknowledgedRequest nothing; who has it again, this. */
  #noteTrust(before: ServerState, after: ServerState, event: Step['event']): void {
    const lacking = after.unreliable.map(({ id }) => id);
    const regained = before.unreliable.filter(({ id }) => !lacking.includes(id));
    const lastAcknowledgedRequest = new Set(this.lastAcknowledgedRequest);
    for (const id of [...lacking, ...regained.map((server) => server.id)])
      lastAcknowledgedRequest.delete(id);
    const message = messageTo(before, event);
    const isRegained = regained.some(({ id }) => id === message?.from);
    if (isRegained && message !== null && message.requestId > this.#checkedAt)
      lastAcknowledgedRequest.add(message.from);
    this.lastAcknowledgedRequest = lastAcknowledgedRequest;
  }

  /** What the server has done. */
  note(before: Step<ServerState>, after: Step<ServerState>, effects: Effect[]): void {
    const { value, context, event } = after;
    for (const write of effects.filter((effect): effect is Persist => effect.type === 'persist')) {
      if (write.term !== this.decided.term) this.ofTerm = write.writeId;
      this.decided = written(this.decided, write);
      this.#disks.push(this.decided);
    }
    if (context.campaign?.requestId !== before.context.campaign?.requestId && context.campaign) {
      this.grants.clear();
    }
    this.#noteTrust(before.context, context, event);
    const leads = roleOf({ value }) === 'leader';
    const isNew = leads && roleOf(before) !== 'leader';
    const isChecked =
      leads && context.leadership?.checkedAt !== before.context.leadership?.checkedAt;
    if (isNew) this.acknowledged.clear();
    if (isNew || isChecked) {
      this.lastAcknowledgedRequest = new Set();
      this.#checkedAt = context.requestId;
    }
  }
}

/** Whether it was seen without what it had acknowledged: it counts in no majority. */
export function lacksEntries({ unreliable }: ServerState, id: ServerId): boolean {
  return unreliable.some((server) => server.id === id);
}

/** The message that came in, whomever it is for. */
export function messageIn(event: { readonly type: string }): Message | null {
  return event.type === 'rpc.received' ? (event as unknown as { message: Message }).message : null;
}

/** The same when another server has sent it to this one. */
export function messageTo({ id }: ServerState, event: { readonly type: string }): Message | null {
  const message = messageIn(event);
  return message?.to === id && message.from !== id ? message : null;
}

function matchedBy(message: Message, { leadership }: ServerState): LogIndex {
  if (message.type === 'AppendEntriesResponse') return message.success ? message.matchIndex : 0;
  if (message.type !== 'InstallSnapshotResponse' || !message.isDone) return 0;
  const sent = leadership?.followers.find(({ id }) => id === message.from)?.transfer;
  return sent?.id === message.snapshotId ? sent.index : 0;
}
