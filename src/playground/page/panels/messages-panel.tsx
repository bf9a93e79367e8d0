/** Messages on their way: a list, and every field of the chosen one. */

import type { Message } from '../../../../machines/rules/messages.ts';
import { Button, Facts, setting } from '../../../pages/controls.tsx';
import type { Flight } from '../../frame.ts';
import { shapeOf } from '../ring/message-shape.ts';
import { dropRequest } from '../server-actions.ts';
import type { OfFrame, PlaygroundStore } from '../store.ts';
import { entryWords } from './entry-words.ts';

const LISTED_MAX = 60;

export function MessagesPanel({ store, frame: { flights, atMs } }: OfFrame) {
  const selected = store.flight.value;
  const chosen = flights.find(({ number }) => number === selected);
  return (
    <div class="messages-panel">
      {chosen !== undefined && flightCard(store, chosen, atMs)}
      {chosen === undefined && selected !== null && (
        <p class="soft hint">Message {selected} is not on its way at this event.</p>
      )}
      {flights.length === 0 && <p class="empty">No message is on its way.</p>}
      <ul class="flights" aria-label="Messages on their way">
        {flights.slice(0, LISTED_MAX).map(({ number, message }) => (
          <li key={number}>
            <button
              type="button"
              class="line"
              aria-pressed={number === selected}
              onClick={setting(store.flight, number)}
            >
              <span class="flight-way">
                {message.from}→{message.to}
              </span>
              {messageWords(message)}
            </button>
          </li>
        ))}
      </ul>
      {flights.length > LISTED_MAX && <p class="soft">and {flights.length - LISTED_MAX} more</p>}
    </div>
  );
}

function messageWords(message: Message): string {
  const { sign } = shapeOf(message);
  if (message.type !== 'AppendEntries') return `${message.type} ${sign}`.trim();
  const { length } = message.entries;
  if (length === 0) return 'heartbeat';
  return `AppendEntries, ${length} ${length === 1 ? 'entry' : 'entries'}`;
}

function flightCard(store: PlaygroundStore, flight: Flight, atMs: number) {
  const { message, number, sentAtMs, dueAtMs } = flight;
  const facts = [
    ['sent', `${sentAtMs} ms, ${(atMs - sentAtMs).toFixed(1)} ms ago`],
    ['arrives', `${dueAtMs} ms, in ${(dueAtMs - atMs).toFixed(1)} ms`],
    ...Object.entries(message)
      .filter(([name]) => !ENVELOPE.has(name))
      .map(([name, value]) => [name, fieldWords(name, value)] as const),
  ] as const;
  return (
    <section class="flight-card" aria-label={`Message ${number}`}>
      <header>
        <h2>
          {message.type}{' '}
          <span class="soft">
            {message.from}→{message.to}
          </span>
        </h2>
        <Button
          class="is-small"
          aria-keyshortcuts="d"
          onClick={() => store.act(dropRequest(number))}
        >
          Drop
        </Button>
        <Button class="is-small is-quiet" onClick={setting(store.flight, null)}>
          Close
        </Button>
      </header>
      <Facts class="fields" facts={facts} />
    </section>
  );
}

const ENVELOPE = new Set(['type', 'from', 'to']);

function fieldWords(name: string, value: unknown): string {
  if (name === 'entries' && Array.isArray(value)) {
    const words = value.map((each) => `${each.index}: ${entryWords(each)} (term ${each.term})`);
    return words.length === 0 ? 'none' : words.join('\n');
  }
  if (value instanceof Uint8Array) return `${value.byteLength} bytes`;
  if (typeof value !== 'object' || value === null) return String(value);
  const fields = Object.entries(value).map(([key, each]) => `${key} ${String(each)}`);
  return fields.join(', ');
}
