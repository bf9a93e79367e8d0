/**
 * A server behind one end of a peer's connection whose other end says anything: the real connection
 * and the real server, between them no socket.
 */
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { Subject } from 'rxjs';
import type { WebSocket } from 'ws';
import type { Message } from '../../machines/rules/messages.ts';
import type { ServerState } from '../../machines/rules/state.ts';
import { readFrame } from '../../src/formats/frame.ts';
import { decodePeerFrame, type PeerHello } from '../../src/formats/peer-frame.ts';
import { clusterKeyOf } from '../../src/node/cluster-key.ts';
import { type ConnectionOwner, PeerConnection } from '../../src/node/peer-connection.ts';
import { Dialler, type HandshakeEnd } from '../../src/node/peer-handshake.ts';
import { TransportCounters } from '../../src/node/transport-counters.ts';
import { DEFAULT_LIMITS } from '../../src/node/transport-limits.ts';
import { transportLog } from '../../src/node/transport-log.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';
import { Rig } from '../host/rig.ts';

/** How the visitor behaves, or is received. */
export const MANNERS = [
  'proves',
  'no handshake',
  'no proof',
  'text',
  'refused',
  'another stays',
  'broken stream',
  'endless handshake',
  'silent',
] as const;

export type Manner = (typeof MANNERS)[number];

export interface Visit {
  readonly isClosed: boolean;
  /** Frames that were counted as none of ours. */
  readonly malformed: number;
  /** Messages that reached the server. */
  readonly delivered: number;
  /** The reason the visitor was told; '' for none. */
  readonly refusal: string;
}

/** What a WebSocket and its socket are to a connection, and what was sent through them. */
class Line extends EventEmitter {
  readonly sent: Uint8Array[] = [];
  readonly bufferedAmount = 0;
  bytesRead = 0;
  readonly remoteAddress = '192.0.2.1';
  isClosed = false;

  send(frame: Uint8Array, _options: object, done: () => void): void {
    this.sent.push(frame);
    done();
  }

  close(): void {
    this.isClosed = true;
    this.emit('close');
  }

  terminate(): void {
    this.close();
  }

  cork(): void {}

  uncork(): void {}
}

const KEY = clusterKeyOf(new Uint8Array(32).fill(7));
const HELLO: PeerHello = {
  storageId: 'storage-of-b',
  incarnation: 'visitor',
  writeNumber: 1,
  clientAddress: '',
  software: 'test',
};

function endOf(id: string): HandshakeEnd {
  return {
    id,
    clusterId: 'rig',
    keys: [KEY],
    channel: new Uint8Array(0),
    hello: () => HELLO,
    certificateRefusal: () => null,
  };
}

export class BesiegedServer {
  #rig!: Rig;
  #state: ServerState | null = null;

  static async start(): Promise<BesiegedServer> {
    const besieged = new BesiegedServer();
    await besieged.#startServer();
    return besieged;
  }

  /** In memory and on its disk, and everything it has said. */
  digest(): string {
    const { log, ...rest } = this.#state ?? { log: null };
    const entries = log?.slice(log.firstIndex);
    return JSON.stringify([rest, entries, this.#rig.storage.state, this.#rig.sent.length]);
  }

  /** Proves who it is, if it does, and says that: the frame comes while the proof is being judged. */
  async visit(frame: Uint8Array, manner: Manner = 'proves'): Promise<Visit> {
    if (this.#rig.failures.length > 0) await this.#startServer();
    const line = new Line();
    const counters = new TransportCounters();
    let delivered = 0;
    const received$ = new Subject<Message>();
    received$.subscribe((message) => {
      delivered += 1;
      this.#rig.received$.next(message);
    });
    const owner = this.#owner(counters, manner, received$);
    const socket = line as unknown as Socket;
    const connection = new PeerConnection(owner, line as unknown as WebSocket, socket, null);
    if (manner !== 'silent') this.#speak(line, frame, manner);
    else while (owner.clock.fireNext(DEFAULT_LIMITS.handshakeDeadlineMs));
    await this.#rig.settle();
    const { isClosed, sent } = line;
    connection.terminate();
    return { isClosed, malformed: counters.malformed, delivered, refusal: refusalIn(sent) };
  }

  /** What has stopped the server since it was last asked; the next visit finds another one. */
  get failures(): readonly Error[] {
    return this.#rig.failures;
  }

  #speak(line: Line, frame: Uint8Array, manner: Manner): void {
    if (manner === 'endless handshake') {
      line.bytesRead = DEFAULT_LIMITS.unauthenticatedBytesMax + 1;
      line.emit('data', frame);
    }
    if (manner === 'broken stream') {
      line.emit('error', Object.assign(new Error('invalid opcode 7'), { code: 'WS_ERR_INVALID' }));
    }
    if (manner !== 'no handshake') {
      const dialler = new Dialler(endOf('b'), 'a');
      line.emit('message', dialler.open(), true);
      const [challenge] = line.sent;
      if (challenge !== undefined && manner !== 'no proof' && !line.isClosed) {
        line.emit('message', dialler.prove(challenge), true);
      }
    }
    line.emit('message', manner === 'text' ? frame.toString() : frame, manner !== 'text');
  }

  #owner(
    counters: TransportCounters,
    manner: Manner,
    received$: Subject<Message>,
  ): ConnectionOwner & { readonly clock: VirtualClock } {
    return {
      id: 'a',
      clock: new VirtualClock(),
      limits: DEFAULT_LIMITS,
      counters,
      writeNumber: () => 1,
      handshakeEnd: () => endOf('a'),
      register: { known: {}, recordWriteNumber: () => {} },
      checkPeer: async () =>
        manner === 'refused' ? { refusal: 'Server b is of another cluster.' } : null,
      admit: () => manner !== 'another stays',
      connected: () => {},
      received$,
      digests$: new Subject(),
      renewalRequested: () => {},
      closed: () => {},
      log: transportLog(
        () => {},
        () => 0,
      ),
    };
  }

  async #startServer(): Promise<void> {
    this.#rig = await Rig.start({
      observer: {
        onState: (state) => {
          this.#state = state;
        },
      },
    });
  }
}

function refusalIn(sent: readonly Uint8Array[]): string {
  for (const bytes of sent) {
    if (readFrame(bytes).kind < 71 && readFrame(bytes).kind > 66) continue;
    const frame = decodePeerFrame(bytes);
    if (frame !== 'unknown-kind' && frame.type === 'Refusal') return frame.reason;
  }
  return '';
}
