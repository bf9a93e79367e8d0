/** The five properties of Figure 3, as the referee sees them. */
import type { Frame } from '../../frame.ts';

const PROPERTIES = [
  ['Election Safety', 'At most one leader for each term.', '§5.2'],
  ['Leader Append-Only', 'A leader never overwrites or removes entries of its log.', '§5.3'],
  ['Log Matching', 'Logs with the same index and term are alike up to there.', '§5.3'],
  ['Leader Completeness', 'What is committed is in the logs of all later leaders.', '§5.4'],
  ['State Machine Safety', 'No two servers apply different entries at one index.', '§5.4.3'],
] as const;

export function PropertiesPanel({ frame: { violation } }: { readonly frame: Frame }) {
  const isOther = violation !== null && !PROPERTIES.some(([name]) => name === violation.invariant);
  return (
    <>
      <ul class="properties" aria-label="Safety properties (Figure 3)">
        {PROPERTIES.map(([name, about, section]) => {
          const hasFallen = violation?.invariant === name;
          return (
            <li key={name} class={hasFallen ? 'is-fallen' : ''}>
              <span class="verdict" aria-hidden="true">
                {hasFallen ? '✗' : '✓'}
              </span>
              <span>
                {name}
                <small>
                  {about} <cite>{section}</cite>
                </small>
              </span>
              <span class="verdict">{hasFallen ? 'violated' : 'holds'}</span>
            </li>
          );
        })}
      </ul>
      {isOther && (
        <p class="notice is-bad">
          {violation.invariant}: {violation.sentence}
        </p>
      )}
    </>
  );
}
