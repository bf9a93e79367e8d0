/** What `npm run bench -- versus etcd` is asked, what it needs, and what it makes of its numbers. */
import { randomBytes } from 'node:crypto';
import { type AddressInfo, connect, createServer } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { VersusUsageError, versusOptions } from './versus/options.ts';
import { Deliveries, startSlowProxy } from './versus/slow-proxy.ts';
import { figureText, ratios, ratioText, table } from './versus/table.ts';
import { missing } from './versus/tools.ts';
import { contextSwitches, processorMicros, residentMiB } from './versus/usage.ts';

describe('its options', () => {
  const stores = ['etcd', 'http'];

  it('have defaults', () => {
    expect(versusOptions(['etcd'], stores)).toEqual({
      peer: 'etcd',
      isSlowNetwork: false,
      rounds: 3,
      seconds: 2.5,
      warmUpSeconds: 8,
      only: stores,
    });
  });

  it('may be given', () => {
    const numbers = ['--rounds', '5', '--seconds', '2', '--warm-up', '4'];
    const given = ['etcd', '--slow-network', ...numbers, '--only', 'http'];
    expect(versusOptions(given, stores)).toEqual({
      peer: 'etcd',
      isSlowNetwork: true,
      rounds: 5,
      seconds: 2,
      warmUpSeconds: 4,
      only: ['http'],
    });
  });

  it.each([
    [[]],
    [['redis']],
    [['etcd', 'etcd-raft']],
    [['etcd', '--rounds', '0']],
    [['etcd', '--seconds', 'many']],
    [['etcd', '--only', 'etcd,redis']],
    [['etcd', '--quickly']],
  ])('%j are refused, with how it is used', (args) => {
    expect(() => versusOptions(args, stores)).toThrow(VersusUsageError);
    expect(() => versusOptions(args, stores)).toThrow(/npm run bench -- versus etcd/);
  });
});

describe('what it needs', () => {
  it('is there', () => {
    expect(missing({ etcd: true, go: true, etcdSources: true })).toBeNull();
    expect(missing({ etcd: null, go: true, etcdSources: true })).toBeNull();
  });

  it('is named when it is not there, with what to install', () => {
    expect(missing({ etcd: false, go: true, etcdSources: false })).toBe(
      "not installed: etcd, etcd's packages for Go. Nothing is measured. " +
        'On Debian 12: apt-get install etcd-server golang-etcd-server-dev',
    );
  });
});

describe('its numbers', () => {
  it('are compared within a round', () => {
    expect(ratios([10, 30], [20, 20])).toEqual([0.5, 1.5]);
  });

  it.each([
    [0.517, '0.52'],
    [2.345, '2.35'],
    [12_345.6, '12,346'],
  ])('%d reads %s', (value, text) => {
    expect(figureText(value)).toBe(text);
  });

  it('of several rounds are a median and a range', () => {
    expect([ratioText([0.5, 0.4, 0.6]), ratioText([2])]).toEqual(['0.50 (0.40–0.60)', '2.00']);
  });

  it('are a table, with ratios to its first store', () => {
    const figures = { etcd: [100, 200], ours: [200, 300] };
    expect(table('a second', ['etcd', 'ours'], [{ name: 'put', figures }])).toBe(
      '| a second | etcd | ours | ratio |\n' +
        '| --- | --: | --: | --: |\n' +
        '| put | 150 | 250 | 1.75 (1.50–2.00) |\n',
    );
  });
});

describe('a slow network', () => {
  const network = { delayMs: 20, holdShare: 0.5, holdMs: 200 };

  it('delivers in order, what is held back and all behind it later', () => {
    const chances = [0.9, 0.1, 0.9, 0.9];
    const deliveries = new Deliveries(network, () => chances.shift() as number);
    expect([0, 1, 2, 210].map((now) => deliveries.next(now))).toEqual([20, 221, 221, 230]);
  });

  it('delivers every byte both ways, and the end', async () => {
    const echo = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket));
    await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
    const { port } = echo.address() as AddressInfo;
    const proxy = await startSlowProxy(port, { delayMs: 1, holdShare: 0.01, holdMs: 2 });
    const bytes = randomBytes(100_000);
    const socket = connect(proxy.port, '127.0.0.1');
    socket.end(bytes);
    expect((await buffer(socket)).equals(bytes)).toBe(true);
    proxy.stop();
    echo.close();
  });
});

describe('what Linux counts', () => {
  it('is processor time in user and kernel mode, whatever the process is called', () => {
    const stat = '7 (a (b) c) S 1 7 7 0 -1 4194560 100 0 0 0 25 5 0 0 20 0 11 0 100 0 0';
    expect(processorMicros(stat)).toBe(300_000);
  });

  it('is context switches of both kinds', () => {
    const status = 'Threads:\t1\nvoluntary_ctxt_switches:\t10\nnonvoluntary_ctxt_switches:\t2\n';
    expect(contextSwitches(status)).toBe(12);
  });

  it('is resident memory', () => {
    expect(residentMiB('VmHWM:\t  4096 kB\nVmRSS:\t  2048 kB\n')).toBe(2);
  });
});
