/** The five properties of Figure 3: what they say, and what the referee has found so far. */
import { propertiesOf } from '../../properties.ts';
import type { OfFrame } from '../store.ts';

export function PropertiesPanel({ frame }: OfFrame) {
  const properties = propertiesOf(frame);
  const { violation } = frame;
  const isOther = violation !== null && properties.every((each) => each.violation === null);
  return (
    <>
      <ul class="properties" aria-label="Safety properties (Figure 3)">
        {properties.map(({ name, section, says, violation: fallen, checked }) => (
          <li key={name} class={fallen === null ? '' : 'is-fallen'}>
            <span class="verdict" aria-hidden="true">
              {fallen === null ? '✓' : '✗'}
            </span>
            <span>
              {name} <cite>{section}</cite>
              <small>{fallen ?? `${says}; seen: ${checked}`}</small>
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
