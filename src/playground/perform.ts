/** What one can do, done to the cluster. What means nothing just now does nothing. */
import type { Action } from './action.ts';
import type { ClientCalls } from './client-calls.ts';
import type { Cluster, ClusterServer } from './cluster.ts';

export function perform(action: Action, cluster: Cluster, calls: ClientCalls): void {
  switch (action.type) {
    case 'put':
    case 'append':
    case 'get':
      calls.begin(action);
      break;
    case 'drop':
      cluster.drop(action.flight);
      break;
    case 'cut':
      cluster.block(action.from, action.to);
      break;
    case 'restore':
      cluster.unblock(action.from, action.to);
      break;
    case 'partition':
      cluster.partition(...action.groups);
      break;
    case 'heal':
      cluster.heal();
      break;
    default:
      performOn(action.type, cluster.at(action.server));
  }
}

type ServerVerb = 'stop' | 'crash' | 'restart' | 'pause' | 'resume' | 'timeOut' | 'takeSnapshot';

function performOn(verb: ServerVerb, server: ClusterServer): void {
  switch (verb) {
    case 'stop':
      void server.shutDown();
      break;
    case 'crash':
      server.crash();
      break;
    case 'restart':
      server.restart();
      break;
    case 'pause':
      server.stop();
      break;
    case 'resume':
      server.resume();
      break;
    case 'timeOut':
      server.timeOut();
      break;
    case 'takeSnapshot':
      server.takeSnapshot();
      break;
  }
}
