/** A client: put, append and get, at the leader or at whichever server one likes. */
import { useState } from 'preact/hooks';
import type { UnknownReason } from '../../../ports/outcome.ts';
import type { Action } from '../../action.ts';
import { KEY_BYTES_MAX, VALUE_BYTES_MAX } from '../../action.ts';
import type { ClientCall, Frame } from '../../frame.ts';
import { actionWords } from '../deeds.ts';
import { Still } from '../still.tsx';

const VERBS = ['put', 'append', 'get'] as const;
type Verb = (typeof VERBS)[number];
/** The element that “write as a client” leads to. */
export const CLIENT_KEY = 'client-key';
const CALLS_MAX = 30;
const LEADER = '';

export function ClientPanel({
  frame,
  leader,
  onAction,
}: {
  readonly frame: Frame;
  readonly leader: string | null;
  readonly onAction: (action: Action) => void;
}) {
  const [verb, setVerb] = useState<Verb>('put');
  const [key, setKey] = useState('x');
  const [value, setValue] = useState('1');
  const [target, setTarget] = useState(LEADER);
  const server = target === LEADER ? leader : target;
  const submit = (event: Event) => {
    event.preventDefault();
    if (server === null || key === '') return;
    onAction(verb === 'get' ? { type: verb, server, key } : { type: verb, server, key, value });
    const next = Number(value);
    if (verb !== 'get' && value !== '' && Number.isSafeInteger(next)) setValue(String(next + 1));
  };
  return (
    <div class="client">
      <form class="client-form" onSubmit={submit}>
        <select
          class="field"
          aria-label="What to do"
          value={verb}
          onChange={({ currentTarget }) =>
            setVerb(VERBS.find((each) => each === currentTarget.value) ?? 'put')
          }
        >
          {VERBS.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
        <input
          class="field key-field"
          id={CLIENT_KEY}
          aria-label="Key"
          placeholder="key"
          maxLength={KEY_BYTES_MAX}
          value={key}
          onInput={({ currentTarget }) => setKey(currentTarget.value)}
        />
        {verb !== 'get' && (
          <input
            class="field"
            aria-label="Value"
            placeholder="value"
            maxLength={VALUE_BYTES_MAX}
            value={value}
            onInput={({ currentTarget }) => setValue(currentTarget.value)}
          />
        )}
        <select
          class="field at-server"
          aria-label="At which server"
          value={target}
          onChange={({ currentTarget }) => setTarget(currentTarget.value)}
        >
          <option value={LEADER}>{leader === null ? 'the leader' : `leader (${leader})`}</option>
          {frame.servers.map(({ id }) => (
            <option key={id} value={id}>
              at {id}
            </option>
          ))}
        </select>
        <button type="submit" class="button is-primary" disabled={server === null || key === ''}>
          Send
        </button>
      </form>
      {server === null && <p class="soft hint">Nobody leads yet; choose a server, or wait.</p>}
      <Still on={[frame.calls]} draw={() => <Calls calls={frame.calls} />} />
    </div>
  );
}

function Calls({ calls }: { readonly calls: readonly ClientCall[] }) {
  if (calls.length === 0) return null;
  return (
    <ol class="calls" aria-label="Calls, newest first">
      {calls
        .slice(-CALLS_MAX)
        .reverse()
        .map((call) => (
          <li key={call.number}>
            <span class="call-what">{actionWords(call.action)}</span>
            <span class={`call-outcome is-${call.outcome?.outcome ?? 'open'}`}>
              {outcomeWords(call)}
            </span>
          </li>
        ))}
    </ol>
  );
}

const DOUBTS: Readonly<Record<UnknownReason, string>> = {
  stopped: 'the server stopped',
  'leadership-lost': 'the server no longer leads',
  'timed-out': 'no answer came in time',
};

/** A mark and words: colour is never alone. */
export function outcomeWords({ outcome }: ClientCall): string {
  if (outcome === null) return '… waiting';
  if (outcome.outcome === 'applied') {
    const text = outcome.text === undefined || outcome.text === '' ? 'done' : outcome.text;
    return `✓ ${text} (index ${outcome.index}, term ${outcome.term})`;
  }
  if (outcome.outcome === 'unknown') {
    return `? unknown: ${DOUBTS[outcome.reason]}; it may have been applied, or may yet be`;
  }
  const hint = outcome.leader === null ? '' : `; ${outcome.leader} leads`;
  return `✗ refused: ${plain(outcome.reason)}${hint}`;
}

function plain(reason: string): string {
  return reason.replaceAll('-', ' ');
}
