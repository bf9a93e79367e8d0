/** A peer of our own making: it proves what it likes, and says what it likes afterwards. */
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import { readFrame } from '../../src/formats/frame.ts';
import {
  decodePeerFrame,
  handshakeFrame,
  type PeerFrame,
  type PeerHello,
} from '../../src/formats/peer-frame.ts';
import { type ClusterKey, processClusterKey } from '../../src/node/cluster-key.ts';
import { Dialler } from '../../src/node/peer-handshake.ts';
import { SUBPROTOCOL } from '../../src/node/peer-listener.ts';

export interface VisitorOptions {
  readonly from?: string;
  readonly to?: string;
  readonly clusterId?: string;
  readonly keys?: readonly ClusterKey[];
  readonly hello?: Partial<PeerHello>;
  /** Its proof, made at once, arrives no earlier. */
  readonly proofOnTheWay?: Promise<unknown>;
  /** Sends nothing of the handshake. */
  readonly isSilent?: boolean;
  readonly connection?: WebSocket.ClientOptions;
  readonly channelOf?: (socket: Socket) => Uint8Array;
}

export interface Visitor {
  readonly webSocket: WebSocket;
  /** What it was told after its Challenge, until it was cut off. */
  readonly told: PeerFrame[];
  /** The reason of the last refusal, or 'none'. */
  readonly refusal: () => string;
  /** It has made its proof. */
  readonly proved: Promise<void>;
  readonly welcomed: Promise<void>;
  readonly closed: Promise<void>;
}

export const VISITOR_HELLO: PeerHello = {
  storageId: 'storage-of-b',
  incarnation: 'visitor',
  writeNumber: 10,
  clientAddress: '',
  software: 'test',
};

/** Says its frames as soon as it has sent its proof; a silent one, as soon as it is connected. */
export function visitor(
  url: string,
  options: VisitorOptions = {},
  ...frames: readonly (Uint8Array | string)[]
): Visitor {
  const { from = 'b', to = 'a', clusterId = 'contract', isSilent = false } = options;
  const webSocket = new WebSocket(url, [SUBPROTOCOL], options.connection);
  const told: PeerFrame[] = [];
  let socket: Socket;
  webSocket.on('upgrade', (response) => {
    socket = response.socket;
  });
  webSocket.on('error', () => {});
  const say = () => {
    for (const frame of frames) webSocket.send(frame);
  };
  let dialler: Dialler | null = null;
  webSocket.on('open', () => {
    if (isSilent) {
      say();
      return;
    }
    const end = {
      id: from,
      clusterId,
      keys: options.keys ?? [processClusterKey()],
      channel: options.channelOf?.(socket) ?? new Uint8Array(0),
      hello: () => ({ ...VISITOR_HELLO, storageId: `storage-of-${from}`, ...options.hello }),
      certificateRefusal: () => null,
    };
    dialler = new Dialler(end, to);
    webSocket.send(dialler.open());
  });
  let isWelcome: () => void = () => {};
  const welcomed = new Promise<void>((resolve) => {
    isWelcome = resolve;
  });
  let hasProved: () => void = () => {};
  const proved = new Promise<void>((resolve) => {
    hasProved = resolve;
  });
  webSocket.on('message', (data: Buffer) => {
    const isHandshake = readFrame(data).kind >= 67 && readFrame(data).kind <= 70;
    const kind = isHandshake ? handshakeFrame(data).kind : null;
    if (kind === 'Challenge' && dialler !== null) {
      const proof = dialler.prove(data);
      hasProved();
      void (options.proofOnTheWay ?? Promise.resolve()).then(() => {
        webSocket.send(proof);
        say();
      });
    } else if (kind === 'Welcome') {
      isWelcome();
    } else {
      const frame = decodePeerFrame(data);
      if (frame !== 'unknown-kind') told.push(frame);
    }
  });
  const refusal = () => {
    const last = told.filter((frame) => frame.type === 'Refusal').at(-1);
    return last?.type === 'Refusal' ? last.reason : 'none';
  };
  const closed = new Promise<void>((resolve) => webSocket.on('close', () => resolve()));
  return { webSocket, told, refusal, proved, welcomed, closed };
}
