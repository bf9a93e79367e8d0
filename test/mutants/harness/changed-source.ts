/**
 * The source with one change in it: a Vite server that replaces the text as the file is loaded, and
 * a module runner that keeps every module which the change cannot reach.
 */
import { join, relative } from 'node:path';
import { createServer, createServerModuleRunner, type Plugin, type ViteDevServer } from 'vite';
import type { ModuleRunner } from 'vite/module-runner';
import type { Change } from '../mutant.ts';

export const root = join(import.meta.dirname, '../../..');

export class ChangedSource {
  readonly #server: ViteDevServer;
  readonly #runner: ModuleRunner;
  readonly #setting: Setting;

  private constructor(server: ViteDevServer, setting: Setting) {
    this.#server = server;
    this.#runner = createServerModuleRunner(server.environments.ssr, { hmr: false });
    this.#setting = setting;
  }

  static async open(): Promise<ChangedSource> {
    const setting: Setting = { change: null };
    const server = await createServer({
      root,
      configFile: join(root, 'vitest.config.ts'),
      plugins: [replacing(setting)],
      logLevel: 'error',
      appType: 'custom',
      server: { middlewareMode: true, watch: null, hmr: false, ws: false },
      optimizeDeps: { noDiscovery: true },
    });
    return new ChangedSource(server, setting);
  }

  /** From now on the source has this change, and no other. */
  set(change: Change | null): void {
    const before = this.#setting.change;
    this.#setting.change = change;
    if (before !== null) this.forget(before.file);
    if (change !== null) this.forget(change.file);
  }

  /** The file and whoever imports it, near or far, are loaded anew. */
  forget(file: string): void {
    const path = join(root, file);
    const graph = this.#server.environments.ssr.moduleGraph;
    for (const module of graph.getModulesByFile(path) ?? []) graph.invalidateModule(module);
    const { evaluatedModules } = this.#runner;
    const seen = new Set<string>();
    const invalidate = (id: string): void => {
      const module = evaluatedModules.getModuleById(id);
      if (module === undefined || seen.has(id)) return;
      seen.add(id);
      for (const importer of module.importers) invalidate(importer);
      evaluatedModules.invalidateModule(module);
    };
    for (const { id } of evaluatedModules.fileToModulesMap.get(path) ?? []) invalidate(id);
  }

  /** The files of the repository that a file has loaded, near or far. */
  loadedBy(file: string): readonly string[] {
    const { evaluatedModules } = this.#runner;
    const seen = new Set<string>();
    const visit = (id: string): void => {
      const module = evaluatedModules.getModuleById(id);
      if (module === undefined || seen.has(id)) return;
      seen.add(id);
      for (const imported of module.imports) visit(imported);
    };
    visit(join(root, file));
    return [...seen].map((id) => relative(root, id));
  }

  import(path: string): Promise<unknown> {
    return this.#runner.import(path);
  }
}

interface Setting {
  change: Change | null;
}

function replacing(setting: Setting): Plugin {
  return {
    name: 'mutant',
    enforce: 'pre',
    transform(code, id) {
      const { change } = setting;
      if (change === null || id !== join(root, change.file)) return null;
      return code.replace(change.find, () => change.replace);
    },
  };
}
