/** What a page weighs when it is opened: a first visit is short, also on a slow line. */
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { describe, expect, it } from 'vitest';
import { root } from './source-files.ts';

const FIRST_LOAD_BYTES_MAX = 300_000;

type Built = Extract<Awaited<ReturnType<typeof build>>, { output: unknown }>;
type Piece = Built['output'][number];

/** Everything that the browser needs before the page is there; not what is imported later. */
function firstLoad(pieces: readonly Piece[]): readonly Piece[] {
  const reached = new Set<string>();
  const reach = (name: string) => {
    const chunk = pieces.find((piece) => piece.fileName === name);
    if (reached.has(name) || chunk?.type !== 'chunk') return;
    reached.add(name);
    for (const imported of chunk.imports) reach(imported);
  };
  for (const piece of pieces) if (piece.type === 'chunk' && piece.isEntry) reach(piece.fileName);
  const isLoaded = ({ type, fileName }: Piece) =>
    type === 'chunk' ? reached.has(fileName) : fileName !== 'licenses.json';
  return pieces.filter(isLoaded);
}

function gzipped(piece: Piece): number {
  return gzipSync(piece.type === 'chunk' ? piece.code : piece.source).length;
}

async function piecesOf(mode: string): Promise<readonly Piece[]> {
  const configFile = join(root, 'src/build/pages-config.ts');
  const built = await build({ configFile, mode, build: { write: false } });
  return (built as Built).output;
}

describe.each(['playground', 'inspector'])('the %s', (mode) => {
  it('is loaded with less than 300 kB, gzipped', async () => {
    const pieces = firstLoad(await piecesOf(mode));
    expect(pieces.map(({ fileName }) => fileName)).toContain('index.html');
    const bytes = pieces.reduce((sum, piece) => sum + gzipped(piece), 0);
    process.stdout.write(`${mode}: first load ${(bytes / 1_000).toFixed(1)} kB gzipped\n`);
    expect(bytes).toBeLessThan(FIRST_LOAD_BYTES_MAX);
  });
});
