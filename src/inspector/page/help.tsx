/** What one can do here, and by which keys. */
import { Dialog } from '../../pages/dialog.tsx';

const KEYS: readonly (readonly [string, string])[] = [
  ['Space', 'pause; back to the present; play a trace'],
  ['← →', 'the event before, the event after, of the chosen actor'],
  ['Shift ← →', 'ten events at once'],
  ['Home', 'the oldest event that is kept'],
  ['End', 'the present'],
  ['↑ ↓', 'in the tree, the log and the sequence: from one to the next'],
  ['1 … 9', 'a server'],
  ['[ ]', 'the actor above, the actor below'],
  ['L C', 'the event log, the context'],
  ['H', 'show or hide heartbeats in the sequence'],
  ['Z', 'the statechart whole, as wide as its place, at natural size, or as it suits'],
  ['/', 'filter the log by a text'],
  ['R', 'record; stop and save the trace'],
  ['O', 'open a trace'],
  ['?', 'this help'],
];

/** Of what only a cluster has. */
const OF_SERVERS: readonly string[] = ['1 … 9', 'H'];

interface HelpProps {
  readonly isOfActors: boolean;
  readonly onClose: () => void;
}

export function Help({ isOfActors, onClose }: HelpProps) {
  const keys = isOfActors ? KEYS.filter(([key]) => !OF_SERVERS.includes(key)) : KEYS;
  return (
    <Dialog title="Inspector" onClose={onClose}>
      <div class="help">
        <p>
          {isOfActors
            ? 'Every event that an actor of this process handles is shown here as it happens, told ' +
              'over a socket. Nothing is asked of the actors in between.'
            : 'Every event that an actor of these servers handles is shown here as it happens, told ' +
              'by the servers themselves over one socket each. Nothing is asked of them in between.'}
        </p>
        <dl>
          {keys.map(([names, words]) => (
            <div key={names}>
              <dt>
                {names.split(' ').map((key) => (key === '…' ? ' … ' : <kbd key={key}>{key}</kbd>))}
              </dt>
              <dd>{words}</dd>
            </div>
          ))}
        </dl>
        <p class="soft">
          {isOfActors
            ? 'A message is an event that one actor sends to another one.'
            : 'Messages are drawn where they arrive; those that never arrive are not drawn.'}{' '}
          An event for which a machine has no transition in its state is <i>ignored</i>, and pale.
        </p>
        <p class="soft">
          {isOfActors ? 'A busy process' : 'A busy server'} tells only part of what happens; how
          many events it left out is counted on its card and marked where they are missing. Times
          are those of {isOfActors ? 'its clock' : 'the servers’ clocks'}.
        </p>
      </div>
    </Dialog>
  );
}
