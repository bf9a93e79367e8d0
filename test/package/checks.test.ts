/** What the usual tools say of the package, and how compilers find its types. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { publint } from 'publint';
import { describe, expect, inject, it } from 'vitest';
import { packedFolder, packedPackage } from './installed.ts';
import { doors, ROOT, run } from './packed.ts';

const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');
const ATTW = join(ROOT, 'node_modules/@arethetypeswrong/cli/dist/index.js');

/** Of `attw --format json`, what is looked at here. */
interface Analysis {
  readonly analysis: {
    readonly types: unknown;
    readonly entrypoints: Readonly<Record<string, { resolutions: Record<string, Resolution> }>>;
  };
  readonly problems: Readonly<Record<string, unknown>>;
}
interface Resolution {
  readonly resolution?: { readonly isTypeScript: boolean; readonly isJson: boolean };
}

describe('the packed package', () => {
  it('has nothing that publint would say, not even a suggestion', async () => {
    const { messages } = await publint({ pkgDir: packedPackage(), pack: false, strict: true });
    expect(messages).toEqual([]);
  });

  it('has types behind every door, wherever a module may import them (attw, ESM only)', async () => {
    packedFolder();
    const flags = [inject('packedTarball'), '--profile', 'esm-only', '--format', 'json'];
    // It exits with 1 when there is a problem.
    const { stdout } = await run(process.execPath, [ATTW, ...flags], { maxBuffer: 1e8 });
    const { analysis, problems } = JSON.parse(stdout) as Analysis;
    const seen = Object.keys(analysis.entrypoints).map((door) => door.replace('.', 'statecraft'));
    expect(seen).toEqual(expect.arrayContaining([...(await doors())]));
    // What CommonJS and the resolution before `exports` cannot see is left out by the profile.
    for (const door of Object.values(analysis.entrypoints)) {
      for (const kind of ['node16-esm', 'bundler']) {
        const { isTypeScript, isJson } = door.resolutions[kind]?.resolution ?? {};
        expect(isTypeScript || isJson).toBe(true);
      }
    }
    expect(Object.keys(problems).filter((kind) => !IGNORED.has(kind))).toEqual([]);
  });

  it.each([
    ['nodenext', 'nodenext'],
    ['node16', 'node16'],
    ['esnext', 'bundler'],
  ])(
    'compiles behind every door with module %s, resolution %s, skipLibCheck: false',
    async (module, resolution) => {
      const place = join(packedFolder(), `types-${resolution}`);
      await mkdir(place);
      const imports = (await doors()).map(
        (door, at) => `import * as door${at} from '${door}';\nexport { door${at} };\n`,
      );
      await writeFile(join(place, 'main.ts'), imports.join(''));
      const flags = ['--noEmit', '--strict', '--skipLibCheck', 'false', '--target', 'es2022'];
      const how = ['--module', module, '--moduleResolution', resolution, '--types', 'node'];
      const compiled = await run(process.execPath, [TSC, ...flags, ...how, 'main.ts'], {
        cwd: place,
      }).catch((error: { stdout: string }) => error);
      expect(compiled.stdout).toBe('');
    },
  );
});

/** Kinds of problems that only importers without ES modules have: there is no other build. */
const IGNORED = new Set(['NoResolution', 'CJSResolvesToESM']);
