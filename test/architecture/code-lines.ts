/** `npm run lines`: the lines of code of each room, without comments and blanks. */
import { dirname } from 'node:path';
import { codeOf, sources } from './source-files.ts';

const rooms = new Map<string, number>();
for (const file of sources) {
  const room = file.startsWith('machines/') ? 'machines' : file.split('/').slice(0, 2).join('/');
  const lines = codeOf(file)
    .split('\n')
    .filter((line) => line.trim() !== '').length;
  const name = dirname(file) === 'src' ? 'src' : room;
  rooms.set(name, (rooms.get(name) ?? 0) + lines);
}
const total = [...rooms.values()].reduce((sum, lines) => sum + lines, 0);
for (const [room, lines] of [...rooms, ['in all', total] as const]) {
  process.stdout.write(`${String(lines).padStart(6)}  ${room}\n`);
}
