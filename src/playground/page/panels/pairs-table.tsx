/** Keys and values as each server has applied them: a row for each key, a column for each server. */
import type { Frame } from '../../frame.ts';

/** More would not be read; the rest is counted. */
const KEYS_MAX = 200;

export function PairsTable({ frame, leader }: { frame: Frame; leader: string | null }) {
  const keys = [
    ...new Set(frame.servers.flatMap(({ pairs }) => pairs.map(({ key }) => key))),
  ].sort();
  if (keys.length === 0) {
    return <p class="empty">No server has applied a key yet. Put one as a client.</p>;
  }
  const values = new Map(
    frame.servers.map(({ id, pairs }) => [
      id,
      new Map(pairs.map(({ key, value }) => [key, value] as const)),
    ]),
  );
  const reference = leader ?? frame.servers[0]?.id ?? '';
  return (
    <div class="scroll">
      <table class="pairs">
        <caption class="visually-hidden">Keys and values, as each server has applied them</caption>
        <thead>
          <tr>
            <th scope="col">key</th>
            {frame.servers.map(({ id, condition }) => (
              <th scope="col" key={id} class={condition === 'down' ? 'soft' : ''}>
                {id}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {keys.slice(0, KEYS_MAX).map((key) => (
            <tr key={key}>
              <th scope="row" title={key}>
                {key}
              </th>
              {frame.servers.map(({ id }) => {
                const value = values.get(id)?.get(key);
                const isBehind = value !== values.get(reference)?.get(key);
                return (
                  <td
                    key={id}
                    class={isBehind ? 'is-behind' : ''}
                    title={value ?? 'not applied here'}
                  >
                    {value ?? '–'}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      {keys.length > KEYS_MAX && <p class="soft">and {keys.length - KEYS_MAX} more keys</p>}
    </div>
  );
}
