/** The code of docs/guide/client.md, compiled and run as one program with the installed package. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type ClusterOptions, COMMAND, RunningCluster } from '../cluster/running-cluster.ts';
import { compile, packedFolder } from './installed.ts';
import { ROOT, run } from './packed.ts';

const SECRETS = [
  'certificates authority --dir certs',
  'certificates server --dir certs --host 127.0.0.1',
  'token create --tokens tokens.json --name shop --role write --prefix shop/ --out shop.token',
];

let place = '';
const clusters: RunningCluster[] = [];

beforeEach(async () => {
  place = join(packedFolder(), 'client-guide');
  await mkdir(place);
  for (const line of SECRETS) {
    await run(process.execPath, [...COMMAND, ...line.split(' ')], { cwd: place });
  }
});
afterEach(() => Promise.all(clusters.map((cluster) => cluster.stop())));

async function started(options: ClusterOptions = {}): Promise<RunningCluster> {
  const cluster = await RunningCluster.start(options);
  clusters.push(cluster);
  return cluster;
}

it('the guide to the client compiles with strict, and prints what it says', async () => {
  const guide = await readFile(join(ROOT, 'docs/guide/client.md'), 'utf8');
  const blocks = (language: string) =>
    [...guide.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms'))].map(
      ([, text = '']) => text,
    );
  expect(blocks('ts')).toHaveLength(5);
  expect(blocks('text')).toHaveLength(5);
  const flags = Object.entries({
    tokens: 'tokens.json',
    'tls-cert': 'certs/server.crt',
    'tls-key': 'certs/server.key',
  }).flatMap(([flag, file]) => [`--${flag}`, join(place, file)]);
  const [open, secure] = await Promise.all([started(), started({ flags })]);
  const code = blocks('ts')
    .join('\n')
    .replaceAll(/127\.0\.0\.1:710([123])/g, (_, nth) => `127.0.0.1:${open.clientPort + +nth - 1}`)
    .replaceAll(/10\.0\.0\.([123]):7101/g, (_, nth) => `127.0.0.1:${secure.clientPort + +nth - 1}`);
  await writeFile(join(place, 'main.ts'), code);
  expect(await compile(place)).toBe('');
  const { stdout } = await run(process.execPath, ['main.js'], { cwd: place });
  expect(stdout).toBe(blocks('text').join(''));
});
