/** A server of a cluster as something to look at. */
import { pid } from 'node:process';
import type { Server } from '../ports/server.ts';
import type { InspectionSource } from './page-connection.ts';
import { weighServer } from './server-weight.ts';

export function serverSource(server: Server, version: string): InspectionSource {
  return {
    weigh: weighServer,
    hello() {
      const { id, clusterId, members } = server.status();
      return {
        source: 'server',
        id,
        clusterId,
        members: members.map((member) => ({ id: member.id, clientAddress: member.clientAddress })),
        software: `statecraft ${version}`,
        pid,
      };
    },
    attach({ next, failed }) {
      const inspecting = server.inspect$.subscribe(next);
      inspecting.add(server.failed$.subscribe((error) => failed(error.message)));
      return () => inspecting.unsubscribe();
    },
  };
}
