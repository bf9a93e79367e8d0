/**
 * What it costs to be looked at: (b) with 64 callers, in rounds without a page, with one that reads
 * everything from every server, and without one again, in the same run. What two loads without a page
 * differ by is noise: the machine's, not the inspector's.
 */
import { readFileSync } from 'node:fs';
import { WebSocket } from 'ws';
import { connect } from '../../src/client/connect.ts';
import { SOCKET_PATH } from '../../src/inspector/protocol.ts';
import { nodeHttpPort } from '../../src/node/http-port.ts';
import { RunningCluster } from '../cluster/running-cluster.ts';
import { median, print } from './figures.ts';
import { KEYS, type Load, load, printLoad, VALUE } from './service.ts';

const CALLERS = 64;
const ROUNDS = 9;

/** As a page does: a socket to each server, and every record read. */
class Reader {
  records = 0;
  dropped = 0;
  readonly #sockets: readonly WebSocket[];

  constructor(endpoints: readonly string[]) {
    this.#sockets = endpoints.map((endpoint) => {
      const socket = new WebSocket(`${endpoint.replace('http', 'ws')}${SOCKET_PATH}`);
      socket.on('message', (data) => this.#read(data.toString()));
      return socket;
    });
  }

  close(): Promise<unknown> {
    return Promise.all(
      this.#sockets.map((socket) => {
        const closed = new Promise((resolve) => socket.once('close', resolve));
        socket.close();
        return closed;
      }),
    );
  }

  #read(text: string): void {
    for (const line of text.split('\n')) {
      const record = JSON.parse(line) as { type: string; count?: number };
      this.records += 1;
      if (record.type === 'dropped') this.dropped += record.count ?? 0;
    }
  }
}

/** Processor time of the servers so far, in milliseconds, by Linux's `/proc`; NaN elsewhere. */
function processorMs(pids: readonly number[]): number {
  const TICKS_PER_SECOND = 100;
  const ticks = pids.map((pid) => {
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /, '')
        .split(' ');
      return Number(fields[11]) + Number(fields[12]);
    } catch {
      return Number.NaN;
    }
  });
  return (ticks.reduce((sum, each) => sum + each, 0) * 1_000) / TICKS_PER_SECOND;
}

interface Measured {
  readonly load: Load;
  /** Of all servers, for one put. */
  readonly processorMicros: number;
}

function printMeasured(what: string, measured: readonly Measured[]): void {
  printLoad(
    what,
    measured.map(({ load: each }) => each),
  );
  const values = measured.map(({ processorMicros }) => processorMicros);
  print({ what: '  processor time of the servers for a put', unit: 'µs', values });
}

const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

export async function benchInspector(): Promise<void> {
  const cluster = await RunningCluster.start({ flags: ['--inspect'] });
  const pids = await Promise.all(cluster.ids.map((id) => cluster.pidOf(id)));
  const client = connect({ endpoints: cluster.endpoints, session: false, http: nodeHttpPort() });
  const puts = async (): Promise<Measured> => {
    const before = processorMs(pids);
    const measured = await load(CALLERS, (n) => client.put(`key ${n % KEYS}`, VALUE));
    const micros = (processorMs(pids) - before) * 1_000;
    return { load: measured, processorMicros: micros / measured.latencies.length };
  };
  const readers: Reader[] = [];
  const putsWatched = async (): Promise<Measured> => {
    const reader = new Reader(cluster.endpoints);
    readers.push(reader);
    const measured = await puts();
    await reader.close();
    return measured;
  };
  await puts();
  const without: Measured[] = [];
  const watched: Measured[] = [];
  const again: Measured[] = [];
  for (let i = 0; i < ROUNDS; i += 1) {
    without.push(await puts());
    watched.push(await putsWatched());
    again.push(await puts());
  }
  printMeasured(`put, ${CALLERS} callers, nobody is watching`, without);
  printMeasured(`put, ${CALLERS} callers, a page reads everything`, watched);
  printMeasured(`put, ${CALLERS} callers, nobody is watching again`, again);
  const shares = (of: readonly Measured[]) =>
    of.map(({ load: { perSecond } }, i) => {
      const around = [without[i] as Measured, again[i] as Measured];
      return perSecond / mean(around.map(({ load: each }) => each.perSecond));
    });
  print({ what: '  with a page, of what is around it', unit: '', values: shares(watched) });
  print({ what: '  without one, of the same', unit: '', values: shares(again) });
  print({
    what: '  records read',
    unit: '',
    values: readers.map(({ records }) => records),
    note: `${Math.round(median(readers.map(({ dropped }) => dropped)))} transitions dropped`,
  });
  await client.close();
  await cluster.stop();
}
