/** The cores alone: three servers in one process, storage and wire in memory, beside etcd/raft. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { coreThroughput } from '../core.ts';
import { type Figures, table } from './table.ts';

const OUTSTANDING = [1, 64, 256];
const [ETCD, OURS] = ['etcd/raft', 'Statecraft'];

/** @param program - the built `raft` */
export async function compareCores(
  program: string,
  { rounds, seconds }: { readonly rounds: number; readonly seconds: number },
): Promise<void> {
  const etcd = async (outstanding: number) => {
    const flags = ['-outstanding', String(outstanding), '-seconds', String(seconds)];
    return Number((await promisify(execFile)(program, flags)).stdout);
  };
  const ours = async (outstanding: number) => {
    // Once to warm up, as the other does.
    await coreThroughput(outstanding, seconds * 1_000);
    return coreThroughput(outstanding, seconds * 1_000);
  };
  const rows: { name: string; figures: Figures }[] = [];
  for (const outstanding of OUTSTANDING) {
    const figures: Record<string, number[]> = { [ETCD]: [], [OURS]: [] };
    for (let round = 0; round < rounds; round += 1) {
      figures[ETCD]?.push(await etcd(outstanding));
      figures[OURS]?.push(await ours(outstanding));
    }
    rows.push({ name: `${outstanding} outstanding`, figures });
  }
  process.stdout.write(
    `Node.js ${process.version}; commits of 256 bytes a second, ${rounds} rounds\n\n`,
  );
  process.stdout.write(table('commits a second', [ETCD, OURS], rows));
}
