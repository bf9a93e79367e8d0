/** Time, chance and the outside world come in by ports only; what runs in browsers stays clean. */
import { builtinModules } from 'node:module';
import { createContext, runInContext } from 'node:vm';
import { build } from 'vite';
import { describe, expect, it } from 'vitest';
import { hashes } from '../playground/run-in-page.ts';
import { codeOf, filesBelow, root } from './source-files.ts';

const belowHost = ['machines', 'src/ports', 'src/formats', 'src/interpreter'];
const worldly =
  /\bDate\b|\bMath\.random\b|\bset(?:Timeout|Interval|Immediate)\b|\bprocess\b|\bconsole\b|\bperformance\b/;
const inBrowsers = [
  ...belowHost,
  ...[
    'src/session',
    'src/host',
    'src/checker',
    'src/simulation',
    'src/kv',
    'src/streaming',
    'src/client',
    'src/lab',
    'src/feed',
    'src/playground',
  ],
];
const ofNode =
  /(?<![.\w])(?:Buffer|__dirname|__filename)\b|\brequire\(|\bprocess\.(?:env|argv|exit|std\w+|pid|versions|nextTick|hrtime|memoryUsage|on)\b/;

/** Each file of the rooms in whose code the pattern is found, with what was found. */
function found(rooms: readonly string[], pattern: RegExp): string[] {
  return rooms
    .flatMap((room) => filesBelow(room))
    .flatMap((file) => {
      const [hit] = codeOf(file).match(pattern) ?? [];
      return hit === undefined ? [] : [`${file}: ${hit}`];
    });
}

describe('purity', () => {
  it('nothing below the host mentions a clock, chance or the process', () => {
    // The port of time is XState's own `Clock`, and declares its method under that name.
    const declaration = 'src/ports/clock.ts: setTimeout';
    expect(found(belowHost, worldly).filter((hit) => hit !== declaration)).toEqual([]);
  });

  it('nothing in the machines is asynchronous', () => {
    expect(found(['machines'], /\basync\b|\bawait\b|\bPromise\b/)).toEqual([]);
  });

  it('nothing that runs in browsers uses what only Node.js has', () => {
    expect(found(inBrowsers, ofNode)).toEqual([]);
  });
});

describe('in a browser', () => {
  const doors = [
    ['machines', 'machines/index.ts', 'serverMachine'],
    ['simulation', 'src/simulation/index.ts', 'simulate'],
    ['kv', 'src/kv/index.ts', 'keyValue'],
    ['client', 'src/client/index.ts', 'connect'],
    ['interpreter', 'src/interpreter/index.ts', 'compiled'],
    ['lab', 'src/lab/index.ts', 'make'],
    ['diagram', 'src/diagram/index.ts', 'svg'],
  ] as const;

  it.each(doors)(
    'statecraft/%s loads, and imports nothing of Node.js',
    async (name, entry, key) => {
      const { code, builtins } = await bundle(entry);
      expect(builtins).toEqual([]);
      const page = createContext({ ...browserGlobals });
      runInContext(`${code};globalThis.door = door;`, page);
      expect(page, name).toHaveProperty(['door', key]);
    },
    60_000,
  );

  it('a run of the playground is the same as in Node.js, to the last bit of its frames', async () => {
    const { code, builtins } = await bundle('test/playground/run-in-page.ts');
    expect(builtins).toEqual([]);
    const page = createContext({ ...browserGlobals });
    runInContext(`${code};globalThis.door = door;`, page);
    const { door } = page as unknown as { door: { hashes: typeof hashes } };
    const inPage = await door.hashes();
    expect(inPage).toEqual(await hashes());
    expect(new Set(inPage).size).toBe(inPage.length);
  }, 60_000);
});

/** What a page has, as far as the library uses it; no `process`, no `Buffer`, no `require`. */
const browserGlobals = {
  AbortController,
  AbortSignal,
  clearTimeout,
  crypto,
  fetch,
  MessageChannel,
  queueMicrotask,
  setTimeout,
  TextDecoder,
  TextEncoder,
  URL,
};

async function bundle(entry: string): Promise<{ code: string; builtins: string[] }> {
  const builtins: string[] = [];
  const result = await build({
    configFile: false,
    root,
    logLevel: 'silent',
    resolve: { conditions: ['browser', 'import', 'default'] },
    build: {
      write: false,
      minify: false,
      lib: { entry, formats: ['iife'], name: 'door' },
    },
    plugins: [
      {
        name: 'nothing-of-node',
        enforce: 'pre',
        resolveId(source, importer) {
          const isBuiltin = source.startsWith('node:') || builtinModules.includes(source);
          if (isBuiltin) builtins.push(`${source} in ${importer}`);
          return isBuiltin ? { id: source, external: true } : null;
        },
      },
    ],
  });
  const [output] = Array.isArray(result) ? result : [result];
  if (output === undefined || !('output' in output)) throw new Error(`${entry} was not bundled`);
  return { code: output.output[0].code, builtins };
}
