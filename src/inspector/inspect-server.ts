/** The inspector for one's own actors: its page on a port of its own, and what to give to XState. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import type { InspectionEvent } from 'xstate';
import { isLoopback } from '../node/loopback.ts';
import type { ListenAddress } from '../node/peer-addresses.ts';
import { hostPortText, listenProblem } from '../node/port-holder.ts';
import { packageVersion } from '../node/this-package.ts';
import { ActorsSource } from './actors-source.ts';
import { InspectorSocket } from './socket.ts';
import { builtPage, OWN_MACHINE, pageHandler } from './static-folder.ts';

/** Where the page is served, and what it calls this process. */
export interface InspectServerOptions {
  /** Default: one that is free. */
  readonly port?: number;
  /** An address of the loopback interface: everybody who reaches it sees everything. Default 127.0.0.1. */
  readonly host?: string;
  /** What the page calls this process. Default `actors`. */
  readonly name?: string;
}

/** The inspector's page while it is served. */
export interface InspectServer {
  /** The page's address, for a browser. */
  readonly url: string;
  /** For `createActor(machine, { inspect })`: of as many actor systems as there are. */
  readonly inspect: (event: InspectionEvent) => void;
  /** Disconnects the pages and frees the port. Idempotent. */
  close(): Promise<void>;
}

/**
 * Serves the inspector's page for any actors of XState 5 in this process. Charts are laid out when a
 * page first meets a machine; a page that is opened late first shows the actors that are present. It
 * keeps the process alive until it is closed, and costs little while no page is open.
 *
 * @throws TypeError for a host that other computers could reach, or an invalid port.
 * @throws Error that says who has the port, with the `code` of `net.Server` (`EADDRINUSE`, …).
 * @example
 * const { url, inspect, close } = await inspectServer({ port: 7400 });
 * createActor(trafficLight, { inspect }).start();
 * console.log(`look at ${url}`);
 */
export async function inspectServer(options: InspectServerOptions = {}): Promise<InspectServer> {
  const { port = 0, host = '127.0.0.1', name = 'actors' } = options;
  assertOptions(port, host);
  const server = createServer(
    pageHandler({
      folder: builtPage('inspector', '/inspect/'),
      base: '/inspect/',
      what: 'the inspector',
      connects: OWN_MACHINE,
    }),
  );
  await listening(server, { host, port });
  const bound = server.address() as AddressInfo;
  const address = `http://${hostPortText({ host, port: bound.port })}`;
  const source = new ActorsSource({ name, software: `statecraft ${packageVersion()}`, address });
  const socket = new InspectorSocket({ source, addresses: () => [address], isOurHost });
  server.on('upgrade', socket.upgrade);
  let closed: Promise<void> | null = null;
  const close = async () => {
    await socket.close(`${name} is no longer inspected`);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return {
    url: `${address}/inspect`,
    inspect: source.inspect,
    close: () => (closed ??= close()),
  };
}

const PORT_MAX = 65_535;

function assertOptions(port: number, host: string): void {
  if (!isLoopback(host)) {
    throw new TypeError(
      `The inspector shows everything, so it listens for this machine only: 127.0.0.1, not ${host}`,
    );
  }
  if (Number.isInteger(port) && port >= 0 && port <= PORT_MAX) return;
  throw new TypeError(
    `inspectServer: the port is a whole number from 0 to ${PORT_MAX}, not ${inspect(port)}; ` +
      'without one, any that is free is taken',
  );
}

function listening(server: Server, address: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', async (error: NodeJS.ErrnoException) => {
      const { code = error.message } = error;
      const sentence = await listenProblem(address, 'the inspector', code);
      reject(Object.assign(new Error(sentence, { cause: error }), { code }));
    });
    server.listen(address.port, address.host, resolve);
  });
}

/** Names that lead to this machine and nowhere else, whatever the port. */
function isOurHost(host: string): boolean {
  return URL.canParse(`http://${host}`) && isLoopback(new URL(`http://${host}`).hostname);
}
