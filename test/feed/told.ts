/** What the feed tells of one step of the real machine, by pure transitions. */

import type { Message } from '../../machines/rules/messages.ts';
import type { ReplicationRequest } from '../../machines/rules/replication-events.ts';
import type { HostEvent } from '../../machines/vocabulary.ts';
import { type FeedFact, feedFact } from '../../src/feed/feed-fact.ts';
import { sentenceOf } from '../../src/feed/sentences.ts';
import { elapses, hears, type Step, takes } from '../machines/steps.ts';

type Told = HostEvent | ReplicationRequest;

/** The same server, with somebody who listens. */
export function listenedTo(step: Step): Step {
  return takes(step, { type: 'explanation.wanted', isWanted: true });
}

/** The facts behind what was decided in that step. */
export function factsOf({ context, effects }: Step): readonly FeedFact[] {
  return effects.flatMap((effect) =>
    effect.type === 'explain' ? [feedFact(context.id, effect.fact)] : [],
  );
}

export function factsIn(before: Step, event: Told): readonly FeedFact[] {
  return factsOf(takes(listenedTo(before), event));
}

export function sentences(facts: readonly FeedFact[]): readonly string[] {
  return facts.map(sentenceOf);
}

/** Of one step: it is told something by its host, or by a replication actor. */
export function told(before: Step, event: Told): readonly string[] {
  return sentences(factsIn(before, event));
}

/** Of one step: a message arrives. */
export function heard(before: Step, message: Message): readonly string[] {
  return sentences(factsOf(hears(listenedTo(before), message)));
}

/** Of one step: that delay passes. */
export function waited(before: Step, delay: string): readonly string[] {
  return sentences(factsOf(elapses(listenedTo(before), delay)));
}
