/** What the feed tells of one step of the real machine, by pure transitions. */

import type { Message } from '../../machines/rules/messages.ts';
import type { ReplicationRequest } from '../../machines/rules/replication.ts';
import { roleOf } from '../../machines/server.ts';
import type { HostEvent } from '../../machines/vocabulary.ts';
import { type Happening, happeningsOf } from '../../src/feed/happenings.ts';
import { sentenceOf } from '../../src/feed/sentences.ts';
import type { StepEvent } from '../../src/feed/step.ts';
import { elapses, hears, type Step, takes } from '../machines/steps.ts';

type Told = HostEvent | ReplicationRequest;

/** What happened between two steps, given what was told in between. */
export function between(before: Step | null, event: StepEvent | null, after: Step) {
  return happeningsOf({
    server: after.context.id,
    event,
    before: before?.context ?? null,
    after: after.context,
    roleBefore: roleOf((before ?? after).snapshot),
    role: roleOf(after.snapshot),
    effects: after.effects,
  });
}

export function happeningsIn(before: Step, event: Told): readonly Happening[] {
  return between(before, event, takes(before, event));
}

export function sentences(happenings: readonly Happening[]): readonly string[] {
  return happenings.map(sentenceOf);
}

/** Of one step: it is told something by its host, or by a replication actor. */
export function told(before: Step, event: Told): readonly string[] {
  return sentences(happeningsIn(before, event));
}

/** Of one step: a message arrives. */
export function heard(before: Step, message: Message): readonly string[] {
  return sentences(between(before, { type: 'rpc.received', message }, hears(before, message)));
}

/** Of one step: that delay passes. */
export function waited(before: Step, delay: string): readonly string[] {
  const event = { type: `xstate.after.${delay}` } as const;
  return sentences(between(before, event, elapses(before, delay)));
}
