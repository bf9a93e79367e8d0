/** `npm run diagrams`: draws the machines into the pages that show them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { machinesReadme, withOverview } from './pages.ts';

writeFileSync('machines/README.md', machinesReadme());
writeFileSync('README.md', withOverview(readFileSync('README.md', 'utf8')));
