/** Messages on their way: a list, and every field of the chosen one. */
import type { Message } from '../../../../machines/rules/messages.ts';
import type { Flight, Frame } from '../../frame.ts';
import { dropIntent, type Intent } from '../deeds.ts';
import { shapeOf } from '../ring/message-shape.ts';
import { entryWords } from './entry-words.ts';

const LISTED_MAX = 60;

export function MessagesPanel({
  frame,
  selected,
  onSelect,
  onIntent,
}: {
  readonly frame: Frame;
  readonly selected: number | null;
  readonly onSelect: (flight: number | null) => void;
  readonly onIntent: (intent: Intent) => void;
}) {
  const { flights } = frame;
  const chosen = flights.find(({ number }) => number === selected) ?? null;
  return (
    <div class="messages-panel">
      {chosen !== null && (
        <Fields flight={chosen} frame={frame} onSelect={onSelect} onIntent={onIntent} />
      )}
      {chosen === null && selected !== null && (
        <p class="soft hint">Message {selected} is not on its way at this event.</p>
      )}
      {flights.length === 0 && <p class="empty">No message is on its way.</p>}
      <ul class="flights" aria-label="Messages on their way">
        {flights.slice(0, LISTED_MAX).map((flight) => (
          <li key={flight.number}>
            <button
              type="button"
              class="line"
              aria-pressed={flight.number === selected}
              onClick={() => onSelect(flight.number)}
            >
              <span class="flight-way">
                {flight.message.from}→{flight.message.to}
              </span>
              {words(flight.message)}
            </button>
          </li>
        ))}
      </ul>
      {flights.length > LISTED_MAX && <p class="soft">and {flights.length - LISTED_MAX} more</p>}
    </div>
  );
}

function words(message: Message): string {
  const { sign } = shapeOf(message);
  if (message.type === 'AppendEntries') {
    const { length } = message.entries;
    return length === 0
      ? 'heartbeat'
      : `AppendEntries, ${length} ${length === 1 ? 'entry' : 'entries'}`;
  }
  return sign === '' ? message.type : `${message.type} ${sign}`;
}

function Fields({
  flight,
  frame,
  onSelect,
  onIntent,
}: {
  readonly flight: Flight;
  readonly frame: Frame;
  readonly onSelect: (flight: number | null) => void;
  readonly onIntent: (intent: Intent) => void;
}) {
  const { message, number, sentAtMs, dueAtMs } = flight;
  return (
    <section class="flight-card" aria-label={`Message ${number}`}>
      <header>
        <h2>
          {message.type}{' '}
          <span class="soft">
            {message.from}→{message.to}
          </span>
        </h2>
        <button
          type="button"
          class="button is-small"
          aria-keyshortcuts="d"
          onClick={() => onIntent(dropIntent(number))}
        >
          Drop
        </button>
        <button type="button" class="button is-small is-quiet" onClick={() => onSelect(null)}>
          Close
        </button>
      </header>
      <dl class="fields">
        <Field name="sent" value={`${sentAtMs} ms, ${(frame.atMs - sentAtMs).toFixed(1)} ms ago`} />
        <Field name="arrives" value={`${dueAtMs} ms, in ${(dueAtMs - frame.atMs).toFixed(1)} ms`} />
        {fieldsOf(message).map(([name, value]) => (
          <Field key={name} name={name} value={value} />
        ))}
      </dl>
    </section>
  );
}

function Field({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

const ENVELOPE = new Set(['type', 'from', 'to']);

function fieldsOf(message: Message): readonly (readonly [string, string])[] {
  return Object.entries(message)
    .filter(([name]) => !ENVELOPE.has(name))
    .map(([name, value]) => [name, fieldWords(name, value)] as const);
}

function fieldWords(name: string, value: unknown): string {
  if (name === 'entries' && Array.isArray(value)) {
    if (value.length === 0) return 'none';
    return value
      .map((entry) => `${entry.index}: ${entryWords(entry)} (term ${entry.term})`)
      .join('\n');
  }
  if (value instanceof Uint8Array) return `${value.byteLength} bytes`;
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value)
      .map(([key, each]) => `${key} ${String(each)}`)
      .join(', ');
  }
  return String(value);
}
