/** Keys and values as each server has applied them: a row for each key, a column for each server. */
import { currentLeader } from '../frame-facts.ts';
import type { OfFrame } from '../store.ts';
import { Matrix } from './matrix.tsx';

/** More would not be read; the rest is counted. */
const KEYS_MAX = 200;

export function PairsTable({ frame: { servers } }: OfFrame) {
  const applied = new Map(
    servers.map(({ id, pairs }) => [id, new Map(pairs.map(({ key, value }) => [key, value]))]),
  );
  const keys = [...new Set([...applied.values()].flatMap((pairs) => [...pairs.keys()]))].sort();
  if (keys.length === 0) {
    return <p class="empty">No server has applied a key yet. Put one as a client.</p>;
  }
  const reference = applied.get((currentLeader(servers) ?? servers[0])?.id ?? '');
  return (
    <div class="scroll">
      <Matrix
        class="pairs"
        caption="Keys and values, as each server has applied them"
        corner="key"
        columns={[...applied.keys()]}
        rows={keys.slice(0, KEYS_MAX)}
        cell={(key, id) => {
          const value = applied.get(id)?.get(key);
          const look = value === reference?.get(key) ? '' : 'is-behind';
          return (
            <span class={look} title={value ?? 'not applied here'}>
              {value ?? '–'}
            </span>
          );
        }}
      />
      {keys.length > KEYS_MAX && <p class="soft">and {keys.length - KEYS_MAX} more keys</p>}
    </div>
  );
}
