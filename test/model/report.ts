/**
 * Prints how often the paths take each transition of each machine:
 * `node --import tsx test/model/report.ts`.
 */
import { replicationMachine } from '../../machines/replication.ts';
import { requestMachine } from '../../machines/request.ts';
import { serverMachine } from '../../machines/server.ts';
import { modelOf, replicationInput, replicationPaths } from './replication-walk.ts';
import { requestInput, requestPaths } from './request-walk.ts';
import { SERVER_WALKS, serverPaths } from './server-walks.ts';
import { Coverage } from './transitions.ts';
import { walk } from './walk.ts';

const server = new Coverage('server', serverMachine);
for (const { theme, input } of Object.values(SERVER_WALKS)) {
  const paths = serverPaths({ theme, input });
  walk({
    machine: serverMachine,
    input,
    paths,
    hardState: () => null,
    children: ['replication'],
    coverage: server,
  });
}

const replication = new Coverage('replication', replicationMachine);
walk({
  machine: modelOf(replicationMachine),
  running: replicationMachine,
  input: replicationInput,
  paths: replicationPaths(),
  coverage: replication,
});

const request = new Coverage('request', requestMachine);
walk({
  machine: requestMachine,
  input: requestInput,
  paths: requestPaths(),
  coverage: request,
});

process.stdout.write(`${[server, replication, request].map((each) => each.report()).join('\n')}\n`);
