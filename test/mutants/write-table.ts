/** `npm run must-table`: writes the table of docs/architecture.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { withMustTable } from './must-table.ts';
import { sections } from './musts.ts';

const path = 'docs/architecture.md';
writeFileSync(path, withMustTable(readFileSync(path, 'utf8'), sections));
