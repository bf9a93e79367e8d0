/**
 * What each server's service has seen, checked as it comes (the course's appliers): one value per
 * index on all servers, in order, without a gap; from 2D on, a snapshot every ten entries.
 */
import type { ApplyMsg, Raft } from '../../src/lab/index.ts';
import { claim } from './course-test.ts';

const SNAPSHOT_INTERVAL = 10;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

type ServiceSnapshot = readonly [index: number, commands: readonly (readonly [number, string])[]];

interface Service {
  commands: Map<number, string>;
  lastApplied: number;
}

export class AppliedLogs {
  readonly #services: Service[];
  readonly #takesSnapshots: boolean;

  constructor(servers: number, takesSnapshots: boolean) {
    this.#services = Array.from({ length: servers }, () => ({
      commands: new Map<number, string>(),
      lastApplied: 0,
    }));
    this.#takesSnapshots = takesSnapshots;
  }

  /** A service starts with what its snapshot says; without one it is told everything again. */
  begin(me: number, snapshot: Uint8Array | null): void {
    this.#service(me).lastApplied = 0;
    if (this.#takesSnapshots && snapshot !== null) this.#ingest(me, snapshot, null);
  }

  /** The next word of a server to its service. */
  note(me: number, message: ApplyMsg, raft: Raft): void {
    if ('snapshotValid' in message) this.#ingest(me, message.snapshot, message.snapshotIndex);
    else this.#apply(me, message.command, message.commandIndex, raft);
  }

  /** The command at an index, and how many servers have applied it; they must agree. */
  committed(index: number): { count: number; command: string | null } {
    let count = 0;
    let command: string | null = null;
    for (const [server, { commands }] of this.#services.entries()) {
      const found = commands.get(index);
      if (found === undefined) continue;
      claim(
        count === 0 || found === command,
        `committed values do not match at index ${index}: ${command} and, on ${server}, ${found}`,
      );
      count += 1;
      command = found;
    }
    return { count, command };
  }

  /** The greatest index that was applied anywhere: what the course counts as agreements. */
  get highestIndex(): number {
    return this.#services.reduce(
      (highest, { commands }) => Math.max(highest, ...commands.keys()),
      0,
    );
  }

  #service(me: number): Service {
    return this.#services[me] as Service;
  }

  #apply(me: number, command: string, index: number, raft: Raft): void {
    const service = this.#service(me);
    this.#agree(me, index, command);
    const follows = this.#takesSnapshots
      ? index === service.lastApplied + 1
      : index === 1 || service.commands.has(index - 1);
    claim(follows, `server ${me} applies ${index} out of order, after ${service.lastApplied}`);
    service.commands.set(index, command);
    service.lastApplied = index;
    const isDue = (index + 1) % SNAPSHOT_INTERVAL === 0;
    if (this.#takesSnapshots && isDue) raft.snapshot(index, this.#snapshotOf(me, index));
  }

  #agree(me: number, index: number, command: string): void {
    for (const [server, { commands }] of this.#services.entries()) {
      const other = commands.get(index);
      claim(
        other === undefined || other === command,
        `commit index ${index}: server ${me} applies ${command}, server ${server} had ${other}`,
      );
    }
  }

  #snapshotOf(me: number, index: number): Uint8Array {
    const snapshot: ServiceSnapshot = [index, [...this.#service(me).commands]];
    return encoder.encode(JSON.stringify(snapshot));
  }

  #ingest(me: number, bytes: Uint8Array, said: number | null): void {
    claim(bytes.byteLength > 0, `server ${me} was given an empty snapshot`);
    const [index, commands] = JSON.parse(decoder.decode(bytes)) as ServiceSnapshot;
    claim(
      said === null || said === index,
      `server ${me} was given a snapshot of ${index} and told it was of ${said}`,
    );
    const service = this.#service(me);
    service.commands = new Map(commands);
    service.lastApplied = index;
  }
}
