/** Once per run, before the first file: packs the package, and installs it as its users do. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { installInto, pack, userPackages } from './packed.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where the package is installed, beside its peers and no more. */
    readonly packedFolder: string;
    /** The file that would be published. */
    readonly packedTarball: string;
    /** Why neither is there, or nothing. */
    readonly packTrouble: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'statecraft-package-'));
  const trouble = await packAndInstall(project, folder);
  project.provide('packedFolder', folder);
  project.provide('packTrouble', trouble);
  return () => rm(folder, { recursive: true, force: true });
}

/** What does not pack fails its own tests, and no others. */
async function packAndInstall(project: TestProject, folder: string): Promise<string> {
  try {
    const tarball = await pack(folder);
    project.provide('packedTarball', tarball);
    // Where nobody lets install scripts run: nothing may need them.
    await installInto(folder, [tarball, ...(await userPackages())], ['--ignore-scripts']);
    return '';
  } catch (error) {
    return String(error);
  }
}
