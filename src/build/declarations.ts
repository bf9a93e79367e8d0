/**
 * The compiler rewrites the endings of imports in code, and leaves those in declarations: there
 * `./entries.ts` means a file that only we have.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const DIST = join(import.meta.dirname, '../../dist');
const RELATIVE = /((?:from|import)\s*\(?\s*['"]\.{1,2}\/[^'"]+)\.tsx?(['"])/g;

export function rewriteDeclarations(): void {
  const files = readdirSync(DIST, { recursive: true, encoding: 'utf8' });
  for (const file of files.filter((path) => path.endsWith('.d.ts'))) {
    const text = readFileSync(join(DIST, file), 'utf8');
    writeFileSync(join(DIST, file), text.replaceAll(RELATIVE, '$1.js$2'));
  }
}
