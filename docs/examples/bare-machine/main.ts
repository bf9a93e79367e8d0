/** Three bare server machines in one process elect a leader and agree on a command. */
import { setTimeout as pause } from 'node:timers/promises';
import { startHost } from './host.js';

const ids = ['a', 'b', 'c'];
const applied: string[] = [];

const hosts = new Map<string, ReturnType<typeof startHost>>();
for (const id of ids) {
  const host = startHost({
    id,
    ids,
    deliver: (message) => hosts.get(message.to)?.receive(message),
    apply: (command) => applied.push(`${id} has applied ${command}`),
  });
  hosts.set(id, host);
}

const leader = () => [...hosts].find(([, host]) => host.leads());
while (leader() === undefined) await pause(10);
const [id, host] = leader()!;
console.log(`${id} leads term ${host.term()}`);

host.propose('hello');
while (applied.length < ids.length) await pause(10);
for (const line of applied.sort()) console.log(line);
for (const one of hosts.values()) one.stop();
