/** A client: put, append and get, at the leader or at whichever server one likes. */

import { useSignal } from '@preact/signals';
import { bound, Memo, Select, TextField } from '../../../pages/controls.tsx';
import type { UnknownReason } from '../../../ports/outcome.ts';
import { callWords, KEY_BYTES_MAX, VALUE_BYTES_MAX } from '../../action.ts';
import type { ClientCall } from '../../frame.ts';
import { currentLeader } from '../frame-facts.ts';
import type { OfFrame } from '../store.ts';

const VERBS = (['put', 'append', 'get'] as const).map((verb) => [verb, verb] as const);
/** The element that “write as a client” leads to. */
export const CLIENT_KEY = 'client-key';
const CALLS_MAX = 30;
const LEADER = '';

export function ClientPanel({ store, frame: { servers, calls } }: OfFrame) {
  const verb = useSignal<(typeof VERBS)[number][0]>('put');
  const key = useSignal('x');
  const value = useSignal('1');
  const target = useSignal(LEADER);
  const leader = currentLeader(servers)?.id ?? null;
  const server = target.value === LEADER ? leader : target.value;
  const submit = (event: Event) => {
    event.preventDefault();
    if (server === null || key.value === '') return;
    const call = { server, key: key.value };
    if (verb.value === 'get') void store.act({ type: 'get', ...call });
    else {
      void store.act({ type: verb.value, ...call, value: value.value });
      const next = Number(value.value) + 1;
      if (value.value !== '' && Number.isSafeInteger(next)) value.value = String(next);
    }
  };
  const targets = [
    [LEADER, leader === null ? 'the leader' : `leader (${leader})`] as const,
    ...servers.map(({ id }) => [id, `at ${id}`] as const),
  ];
  return (
    <div class="client">
      <form class="client-form" onSubmit={submit}>
        <Select label="What to do" options={VERBS} {...bound(verb)} />
        <TextField
          class="key-field"
          id={CLIENT_KEY}
          label="Key"
          placeholder="key"
          maxLength={KEY_BYTES_MAX}
          {...bound(key)}
        />
        {verb.value !== 'get' && (
          <TextField
            label="Value"
            placeholder="value"
            maxLength={VALUE_BYTES_MAX}
            {...bound(value)}
          />
        )}
        <Select class="at-server" label="At which server" options={targets} {...bound(target)} />
        <button
          type="submit"
          class="button is-primary"
          disabled={server === null || key.value === ''}
        >
          Send
        </button>
      </form>
      {server === null && <p class="soft hint">Nobody leads yet; choose a server, or wait.</p>}
      <Memo on={[calls]}>{() => callsOf(calls)}</Memo>
    </div>
  );
}

function callsOf(calls: readonly ClientCall[]) {
  if (calls.length === 0) return null;
  return (
    <ol class="calls" aria-label="Calls, newest first">
      {calls
        .slice(-CALLS_MAX)
        .toReversed()
        .map(({ number, action, outcome }) => (
          <li key={number}>
            <span class="call-what">{`${callWords(action)} at ${action.server}`}</span>
            <span class={`call-outcome is-${outcome?.outcome ?? 'open'}`}>
              {outcomeWords(outcome)}
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
function outcomeWords(outcome: ClientCall['outcome']): string {
  if (outcome === null) return '… waiting';
  if (outcome.outcome === 'applied') {
    return `✓ ${outcome.text || 'done'} (index ${outcome.index}, term ${outcome.term})`;
  }
  if (outcome.outcome === 'unknown') {
    return `? unknown: ${DOUBTS[outcome.reason]}; it may have been applied, or may yet be`;
  }
  const hint = outcome.leader === null ? '' : `; ${outcome.leader} leads`;
  return `✗ refused: ${outcome.reason.replaceAll('-', ' ')}${hint}`;
}
