/**
 * What a script says before anything happens: `cluster`, `given` and `timeout` lines, and the
 * simulation made from them. Every delay is fixed, so that a reader can follow the clock: a message
 * takes 2 ms, a write 1 ms, and the election timeouts are what the script says.
 */

import type { ServerId } from '../../machines/rules/entries.ts';
import { DEFAULT_PARAMETERS, DEFAULT_TIMING } from '../../machines/rules/parameters.ts';
import { type ServerMachine, serverMachine } from '../../machines/server.ts';
import { keyValue } from '../../src/kv/index.ts';
import { type SimulatedCluster, simulate } from '../../src/simulation/cluster.ts';
import type { Link } from '../../src/simulation/network.ts';
import { idsOf, type PreparedDisk } from '../../src/simulation/options.ts';

export const LATENCY_MS = 2;
const WRITE_MS = 1;
const { electionTimeoutMinMs } = DEFAULT_TIMING;
const TIMEOUT_STEP_MS = 100;

export class Setting {
  servers: number | readonly ServerId[] = 3;
  seed = 1;
  readonly #parameters: Record<string, number> = {};
  readonly #disks: Record<ServerId, PreparedDisk> = {};
  readonly #timeouts = new Map<ServerId, number>();

  /** `cluster 5`, or `cluster a b c`; then `seed 7` and any parameter by its name. */
  cluster(words: readonly string[]): void {
    const firstName = words.findIndex((word) => word === 'seed' || word in DEFAULT_PARAMETERS);
    const servers = words.slice(0, firstName < 0 ? words.length : firstName);
    this.servers = /^\d+$/.test(servers[0] ?? '') ? Number(servers[0]) : servers;
    for (let at = servers.length; at < words.length; at += 2) {
      const [name, value] = [words[at] as string, numberOf(words[at + 1])];
      if (name === 'seed') this.seed = value;
      else if (name in DEFAULT_PARAMETERS) this.#parameters[name] = value;
      else throw new SyntaxError(`There is no parameter '${name}'`);
    }
  }

  /** `given a term 3 vote b log 1 1 2 commit 1`: a server that has lived before. */
  given([id = '', ...words]: readonly string[]): void {
    const after = (name: string) => {
      const start = words.indexOf(name);
      if (start < 0) return [];
      const rest = words.slice(start + 1);
      const end = rest.findIndex((word) => /[a-z]{2}/.test(word));
      return end < 0 ? rest : rest.slice(0, end);
    };
    const log = after('log').map(numberOf);
    const [term] = after('term');
    this.#disks[id] = {
      log,
      term: term === undefined ? (log.at(-1) ?? 0) : numberOf(term),
      votedFor: after('vote')[0] ?? null,
      commitIndex: Number(after('commit')[0] ?? 0),
    };
  }

  /** `timeout b 300`: from the next time it is started, also while the cluster runs. */
  timeout([id = '', milliseconds]: readonly string[]): void {
    this.#timeouts.set(id, numberOf(milliseconds));
  }

  make(link: Link): SimulatedCluster<never, never, never, never> {
    const ids = idsOf(this.servers);
    for (const [at, id] of ids.entries()) {
      const usual = electionTimeoutMinMs + at * TIMEOUT_STEP_MS;
      if (!this.#timeouts.has(id)) this.#timeouts.set(id, usual);
    }
    return simulate({
      seed: this.seed,
      servers: ids,
      stateMachine: keyValue,
      parameters: this.#parameters,
      disks: this.#disks,
      latency: { minMs: LATENCY_MS, maxMs: LATENCY_MS },
      disk: { writeMs: { minMs: WRITE_MS, maxMs: WRITE_MS }, readMs: { minMs: 0, maxMs: 0 } },
      machine: this.#withoutChance(),
      link,
    }) as never;
  }

  /** The machine with the script's election timeouts in place of a host's random ones. */
  #withoutChance(): ServerMachine {
    const restOf = (id: ServerId) => (this.#timeouts.get(id) ?? 0) - electionTimeoutMinMs;
    type Provided = Parameters<ServerMachine['provide']>;
    return Object.assign(Object.create(serverMachine) as ServerMachine, {
      provide: (parts: Provided) =>
        serverMachine.provide({
          ...parts,
          delays: {
            electionTimeout: ({ context }) => electionTimeoutMinMs + restOf(context.id),
            electionTimeoutRest: ({ context }) => restOf(context.id),
            lostLeaderWait: ({ context }) => restOf(context.id) / 10,
          },
        }),
    });
  }
}

export function numberOf(word: string | undefined): number {
  const value = Number.parseFloat(word ?? '');
  if (Number.isFinite(value)) return value;
  throw new SyntaxError(`'${word}' stands where a number belongs`);
}
