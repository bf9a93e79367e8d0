/** etcd with its defaults: three members of a new cluster on this machine. */
import { join } from 'node:path';
import { IDS, type Place, type Store, startProcess } from './store.ts';
import { versionOf } from './tools.ts';

/** What its gateway says of a member; numbers of 64 bits are strings. */
interface MemberStatus {
  readonly header?: { readonly member_id: string };
  readonly leader?: string;
}

async function statusOf(port: number): Promise<MemberStatus | null> {
  try {
    const url = `http://127.0.0.1:${port}/v3/maintenance/status`;
    const answer = await fetch(url, { method: 'POST', body: '{}' });
    return (await answer.json()) as MemberStatus;
  } catch {
    return null;
  }
}

async function leader({ clientPorts }: Place): Promise<string | null> {
  const statuses = await Promise.all(IDS.map((id) => statusOf(clientPorts[id])));
  const leaders = new Set(statuses.map((status) => status?.leader));
  const [first] = leaders;
  if (leaders.size !== 1 || first === undefined) return null;
  const at = statuses.findIndex((status) => status?.header?.member_id === first);
  return at < 0 ? null : `127.0.0.1:${clientPorts[IDS[at] as (typeof IDS)[number]]}`;
}

export function etcd(): Store {
  const local = (port: number) => `http://127.0.0.1:${port}`;
  return {
    title: 'etcd',
    version: versionOf('etcd') ?? 'etcd',
    loadFlags: ['-store', 'etcd'],
    start: (id, { directory, clientPorts, peerPorts, peersFindAt }) =>
      startProcess(
        [
          'etcd',
          ...['--name', id, '--data-dir', join(directory, id)],
          ...['--listen-client-urls', local(clientPorts[id])],
          ...['--advertise-client-urls', local(clientPorts[id])],
          ...['--listen-peer-urls', local(peerPorts[id])],
          ...['--initial-advertise-peer-urls', local(peersFindAt[id])],
          '--initial-cluster',
          IDS.map((each) => `${each}=${local(peersFindAt[each])}`).join(','),
          // Its log tells of every slow request.
          ...['--logger', 'zap', '--log-level', 'error'],
        ],
        { id, directory },
      ),
    leader,
  };
}
