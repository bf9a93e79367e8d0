/** What one can do, done to the cluster. What means nothing just now does nothing. */
import type { Action } from './action.ts';
import type { ClientCalls } from './client-calls.ts';
import type { Cluster } from './cluster.ts';

export function perform(action: Action, cluster: Cluster, calls: ClientCalls): void {
  switch (action.type) {
    case 'put':
    case 'append':
    case 'get':
      return calls.begin(action);
    case 'drop':
      return void cluster.drop(action.flight);
    case 'cut':
      return cluster.block(action.from, action.to);
    case 'restore':
      return cluster.unblock(action.from, action.to);
    case 'partition':
      return cluster.partition(...action.groups);
    case 'heal':
      return cluster.heal();
    default:
      return performOn(action, cluster);
  }
}

type ServerAction = Exclude<
  Action,
  { type: 'put' | 'append' | 'get' | 'drop' | 'cut' | 'restore' | 'partition' | 'heal' }
>;

function performOn({ type, server: id }: ServerAction, cluster: Cluster): void {
  const server = cluster.at(id);
  switch (type) {
    case 'stop':
      return void server.shutDown();
    case 'crash':
      return server.crash();
    case 'restart':
      return server.restart();
    case 'pause':
      return server.stop();
    case 'resume':
      return server.resume();
    case 'timeOut':
      return server.timeOut();
    case 'takeSnapshot':
      return;
  }
}
