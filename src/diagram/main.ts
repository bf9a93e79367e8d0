/** `npm run diagrams`: draws the machines into the pages that show them, and as pictures. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { machinesReadme, pictures, withOverview } from './pages.ts';

writeFileSync('machines/README.md', machinesReadme());
writeFileSync('README.md', withOverview(readFileSync('README.md', 'utf8')));
mkdirSync('docs/pictures', { recursive: true });
for (const [path, picture] of Object.entries(await pictures())) writeFileSync(path, picture);
