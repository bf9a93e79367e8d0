/** The version of this software, from the package that holds it, built or not. */
import { createRequire } from 'node:module';

const { version } = createRequire(import.meta.url)('statecraft/package.json');

export const VERSION: string = version;
