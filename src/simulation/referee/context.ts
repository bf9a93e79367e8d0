/** What every check of the referee is given. */
import type { LogIndex, ServerId } from '../../../machines/rules/entries.ts';
import type { ServerState } from '../../../machines/rules/state.ts';
import type { Role } from '../../../machines/server.ts';
import type { RefereeHistory } from './history.ts';
import type { PrefixHash } from './prefix-hash.ts';
import type { ServerView } from './server-view.ts';
import type { LogChange } from './tracked-log.ts';
import type { Violate } from './violation.ts';

export interface RefereeContext {
  /** Sorted by id. */
  readonly views: readonly ServerView[];
  readonly history: RefereeHistory;
  readonly violate: Violate;
}

/**
 * A step of one server, or the first look at it in this run (`before` is null then), with all that it is
 * checked against.
 */
export interface ServerStep extends RefereeContext {
  readonly view: ServerView;
  readonly before: ServerState | null;
  readonly roleBefore: Role;
  readonly after: ServerState;
  readonly role: Role;
  /** Whether it already led this term before the step. */
  readonly hasLed: boolean;
  /** Null when the log is the very same. */
  readonly logChange: LogChange | null;
}

export function viewOf(context: RefereeContext, id: ServerId): ServerView | undefined {
  return context.views.find((view) => view.id === id);
}

/** The servers whose disks hold that prefix; a durable snapshot of it counts. */
export function holdersOf(
  context: RefereeContext,
  index: LogIndex,
  prefix: PrefixHash,
): ServerId[] {
  return context.views
    .filter(({ durableLog }) => durableLog.holds(index, prefix))
    .map((view) => view.id);
}
