/** One moment, opened: the whole event, the transitions it took, what was emitted. */

import type { ComponentChildren } from 'preact';
import { Button } from '../../pages/controls.tsx';
import { eventName, eventNameFrom, idName } from '../event-names.ts';
import type { HistoryEntry } from '../history-entry.ts';
import type { DroppedRun } from '../listing.ts';
import type { Readable } from '../protocol.ts';
import { counted, exactTime } from './times.ts';
import { ValueTree } from './value-tree.tsx';

interface EntryDetailProps {
  readonly entry: HistoryEntry;
  /** All that was dropped in a row, if that is what is chosen. */
  readonly run: DroppedRun | undefined;
  readonly isOfActors: boolean;
  readonly onClose: () => void;
}

export function EntryDetail({ entry, run, isOfActors, onClose }: EntryDetailProps) {
  const { event, from, atMs } = entry;
  return (
    <section class="detail" aria-label="The chosen event">
      <header>
        <h3>
          {run === undefined ? eventNameFrom(event, from) : `${counted(run.count)} not shown`}
        </h3>
        <time class="number soft">{exactTime(run?.atMs ?? atMs)}</time>
        <Button class="is-quiet is-small" onClick={onClose}>
          Close
        </Button>
      </header>
      {run === undefined ? eventParts(entry) : droppedWords(run, isOfActors)}
    </section>
  );
}

function droppedWords({ atMs, untilMs, count, of }: DroppedRun, isOfActors: boolean) {
  const others = count - of.reduce((sum, each) => sum + each.count, 0);
  return (
    <>
      <p>
        {count === 1 ? 'One transition' : `${counted(count)} transitions`} of all actors of this{' '}
        {isOfActors ? 'process' : 'server'} {untilMs > atMs && `until ${exactTime(untilMs)} `}
        {count === 1 ? 'was' : 'were'} counted together: too many at once, or this page could not
        keep up.{' '}
        {isOfActors
          ? 'Changes of a machine’s outermost state and failures'
          : 'Changes of role, elections, failures and refusals'}{' '}
        are still shown, and the state of each actor afterwards.
      </p>
      {of.length > 0 && (
        <Part title="Counted">
          {of.map(({ actor, kind, count: times }) => (
            <span key={`${actor} ${kind}`}>
              {counted(times)} × {eventName(kind)} of {actor}
            </span>
          ))}
          {others > 0 && <span>{counted(others)} × others</span>}
        </Part>
      )}
    </>
  );
}

interface Reason {
  readonly type: 'explain';
  readonly why: string;
  readonly section: string | null;
}

/** Why a server of a cluster decided what it did: one sentence. */
function isReason(effect: unknown): effect is Readable & Reason {
  return (effect as Partial<Reason> | null)?.type === 'explain';
}

function eventParts({ event, from, taken, emitted, isIgnored }: HistoryEntry) {
  const { type: _, ...payload } = event;
  const isEmpty = Object.keys(payload).length === 0;
  const reasons = emitted.filter(isReason);
  const others = emitted.filter((effect) => !isReason(effect));
  return (
    <>
      {reasons.length > 0 && (
        <Part title="Why">
          {reasons.map(({ why, section }, at) => (
            <p key={`${at} ${why}`}>
              {why}
              {section !== null && ` (${section})`}
            </p>
          ))}
        </Part>
      )}
      {from !== null && (
        <Part title="From">
          <span>{from}</span>
        </Part>
      )}
      <Part title="Payload">
        {isEmpty && <span class="soft">none</span>}
        {!isEmpty && <ValueTree value={payload} label="Payload" depth={2} />}
      </Part>
      {(taken.length > 0 || isIgnored) && (
        <Part title="Took">
          {isIgnored && <span class="soft">no transition: ignored in this state</span>}
          {taken.map((id, at) => (
            <code key={`${at} ${id}`}>{idName(id)}</code>
          ))}
        </Part>
      )}
      {others.length > 0 && (
        <Part title="Emitted">
          <ValueTree value={others} label="Emitted" depth={1} />
        </Part>
      )}
    </>
  );
}

interface PartProps {
  readonly title: string;
  readonly children: ComponentChildren;
}

function Part({ title, children }: PartProps) {
  return (
    <div class="part">
      <h4 class="label">{title}</h4>
      <div>{children}</div>
    </div>
  );
}
