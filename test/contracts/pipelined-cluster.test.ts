/** Requests sent at once to a real cluster: disks, sockets and a majority are between them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { firstValueFrom, map, merge } from 'rxjs';
import { filter } from 'rxjs/operators';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyValue } from '../../src/kv/key-value.ts';
import { fileStorage } from '../../src/node/file-storage.ts';
import { startServer } from '../../src/node/start-server.ts';
import { createService } from '../../src/service/service.ts';
import { loopbackCluster } from './loopback.ts';
import { anyAsks, comparable, get, inTurn, pipelined, put, remove } from './pipelined.ts';

const IDS = ['a', 'b', 'c'];
/** Far apart, so that a loaded machine elects nobody else in the middle of a test. */
const TIMING = { heartbeatIntervalMs: 50, electionTimeoutMinMs: 600, electionTimeoutMaxMs: 900 };

let directory: string;
let leaderPort: number;
const stops: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'statecraft-pipelined-'));
  const cluster = await loopbackCluster(IDS);
  const members = await Promise.all(
    IDS.map(async (id) => {
      const storage = fileStorage(join(directory, id));
      const parameters = { commandBytesMax: 2 * 1_048_576 };
      const options = { id, cluster, bootstrap: true, storage, timing: TIMING, parameters };
      const server = await startServer({ ...options, stateMachine: keyValue });
      const advertisedClientAddress = 'http://127.0.0.1:7101';
      const times = { requestTimeoutMs: 20_000, version: '9.9.9' };
      const service = createService({ server, advertisedClientAddress, ...times });
      stops.push(async () => {
        await service.close();
        await server.stop();
      });
      const { port } = await service.listen({ host: '127.0.0.1', port: 0 });
      return { server, port };
    }),
  );
  const leading = members.map(({ server, port }) =>
    server.role$.pipe(
      filter((role) => role === 'leader'),
      map(() => port),
    ),
  );
  leaderPort = await firstValueFrom(merge(...leading));
});

afterAll(async () => {
  await Promise.all(stops.map((stop) => stop()));
  rmSync(directory, { recursive: true });
});

describe('a cluster', () => {
  it.each([3, 65_536, 1_048_576])('puts and deletes in order: %i bytes', async (length) => {
    for (let round = 0; round < 10; round += 1) {
      const asks = [put('k', length), remove('k'), put('k', 3), get('k'), remove('k'), get('k')];
      const told = await pipelined(leaderPort, asks);
      expect(told.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 404]);
    }
  });

  it('answers as if each request had been waited for, whatever they are', async () => {
    const property = fc.asyncProperty(anyAsks, async (asks) => {
      await pipelined(leaderPort, ['k', 'l', 'm'].map(remove));
      expect(comparable(await pipelined(leaderPort, asks))).toEqual(inTurn(asks));
    });
    await fc.assert(property, { numRuns: 25 });
  });
});
