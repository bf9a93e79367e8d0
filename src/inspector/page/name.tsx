/** A name that may be too long for its place: then its middle is left out, never its end. */
import './name.css';
import { parted } from '../names.ts';

const END = 8;

interface NameProps {
  readonly name: string;
  /** At most so many of its last characters are always there. */
  readonly end?: number;
}

export function Name({ name, end = END }: NameProps) {
  const [first, last] = parted(name, end);
  return (
    <span class="name" title={name}>
      <span>{first}</span>
      {last !== '' && <span>{last}</span>}
    </span>
  );
}
