/** The five properties of Figure 3: what they say, and what the referee has found so far. */
import { type PropertyName, propertiesOf } from '../../properties.ts';
import type { OfFrame } from '../store.ts';

const SAYS: Readonly<Record<PropertyName, string>> = {
  'Election Safety': 'at most one leader for each term',
  'Leader Append-Only': 'a leader never overwrites or removes its entries',
  'Log Matching': 'an entry of one index and term has one past',
  'Leader Completeness': 'what is committed is in the logs of all later leaders',
  'State Machine Safety': 'no two servers apply different entries at one index',
};

export function PropertiesPanel({ frame }: OfFrame) {
  const properties = propertiesOf(frame);
  const { violation } = frame;
  const isOther = violation !== null && properties.every((each) => each.violation === null);
  return (
    <>
      <ul class="properties" aria-label="Safety properties (Figure 3)">
        {properties.map(({ name, section, violation: fallen, checked }) => (
          <li key={name} class={fallen === null ? '' : 'is-fallen'}>
            <span class="verdict" aria-hidden="true">
              {fallen === null ? '✓' : '✗'}
            </span>
            <span>
              {name} <cite>{section}</cite>
              <small>{fallen ?? `${SAYS[name]}; seen: ${checked}`}</small>
            </span>
            <span class="verdict">{fallen === null ? 'holds' : 'violated'}</span>
          </li>
        ))}
      </ul>
      {isOther && (
        <p class="notice is-bad">
          {violation.invariant}: {violation.sentence}
        </p>
      )}
    </>
  );
}
