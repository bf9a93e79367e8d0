/**
 * A bit that flips in a file is found at the next start, which ends with a sentence instead of a
 * shorter memory (§5.1: what is stable is what was written). The others go on, and with the bit put
 * back the server is as it was.
 */
import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SeededRandom } from '../../../src/simulation/random.ts';
import type { Fault } from '../real-faults.ts';
import { writeUntilSnapshot } from './pauses.ts';

const STRETCH_MS = 500;
const CANNOT_START = 2;
const SLOTS = [0, 512];
const SLOT_BYTES = 16;
const RECORD_HEADER_BYTES = 8;
const RECORD_ALIGNMENT = 8;

interface Place {
  readonly path: string;
  /** The bytes of which each gets one flipped bit. */
  readonly offsets: readonly number[];
}

interface Kind {
  readonly name: string;
  readonly sentence: RegExp;
  place(directory: string, random: SeededRandom): Promise<Place>;
}

const KINDS: readonly Kind[] = [
  {
    name: 'the middle of the log',
    sentence: /\.wal is damaged: /,
    async place(directory, random) {
      const { path, records } = await logOf(directory);
      const record = records[random.below(Math.floor(records.length / 2))]!;
      return { path, offsets: [record.from + random.below(record.length)] };
    },
  },
  {
    name: 'the tail of the log',
    sentence: /\.wal is damaged: /,
    async place(directory, random) {
      const { path, records } = await logOf(directory);
      const record = records.at(-1)!;
      return { path, offsets: [record.from + random.below(record.length)] };
    },
  },
  {
    name: 'the snapshot',
    sentence: /\.snapshot is damaged: it is not the snapshot of \d+ bytes it was\. /,
    async place(directory, random) {
      const folder = join(directory, 'snapshots');
      const name = (await readdir(folder)).find((each) => each.endsWith('.snapshot')) ?? 'none';
      return anywhereIn(join(folder, name), random);
    },
  },
  {
    name: 'the identity',
    sentence: /identity is damaged: its checksum does not match\. /,
    place: (directory, random) => anywhereIn(join(directory, 'identity'), random),
  },
  {
    name: 'what is known of the peers',
    sentence: /peers is damaged: its checksum does not match\. /,
    place: (directory, random) => anywhereIn(join(directory, 'peers'), random),
  },
  {
    name: 'both numbers of what was acknowledged',
    sentence: /acknowledged is damaged: neither of its two slots is readable\. /,
    place: async (directory, random) => ({
      path: join(directory, 'acknowledged'),
      offsets: SLOTS.map((slot) => slot + random.below(SLOT_BYTES)),
    }),
  },
];

export const flipBits: Fault = async (cluster, load, random) => {
  await writeUntilSnapshot(cluster, cluster.ids);
  for (const { name, sentence, place } of KINDS) {
    const victim = cluster.ids[random.below(cluster.ids.length)] as string;
    // What a kill leaves at the end of the log may be nobody's: an ordered end leaves nothing.
    await cluster.stop(victim);
    const spoiled = await place(cluster.directoryOf(victim), random);
    const mend = await flip(spoiled, random);
    const { code, said } = await cluster.refusesToStart(victim);
    assert.equal(code, CANNOT_START, said);
    assert.match(said, sentence, `a flipped bit in ${name}`);
    await load.progressed(50);
    await mend();
    await cluster.heal();
  }
  await load.counts('after the last flipped bit', STRETCH_MS);
};

/** Returns what puts them back. */
async function flip({ path, offsets }: Place, random: SeededRandom): Promise<() => Promise<void>> {
  const whole = await readFile(path);
  const spoiled = Buffer.from(whole);
  for (const offset of offsets) spoiled[offset]! ^= 1 << random.below(8);
  await writeFile(path, spoiled);
  return () => writeFile(path, whole);
}

async function anywhereIn(path: string, random: SeededRandom): Promise<Place> {
  const { length } = await readFile(path);
  return { path, offsets: [random.below(length)] };
}

interface RecordPlace {
  readonly from: number;
  readonly length: number;
}

/** The newest segment, and where its records are: each begins with "Stat" and its length. */
async function logOf(directory: string): Promise<{ path: string; records: RecordPlace[] }> {
  const folder = join(directory, 'wal');
  const segments = (await readdir(folder)).filter((name) => name.endsWith('.wal')).sort();
  const path = join(folder, segments.at(-1) ?? 'none');
  const bytes = await readFile(path);
  const records: RecordPlace[] = [];
  let from = 0;
  while (bytes.toString('ascii', from, from + 4) === 'Stat') {
    const length = bytes.readUInt32BE(from + RECORD_HEADER_BYTES - 4);
    records.push({ from, length });
    from += Math.ceil(length / RECORD_ALIGNMENT) * RECORD_ALIGNMENT;
  }
  return { path, records };
}
