/** A network in memory that can be wrong on purpose, each time in one way. */
import { Subject } from 'rxjs';
import type { ServerId } from '../../machines/rules/entries.ts';
import type { Message } from '../../machines/rules/messages.ts';
import type { ConnectionChange, ServerIdentity, Transport } from '../../src/ports/transport.ts';
import type { TransportNetwork } from '../../src/testing/transport-contract.ts';

export type TransportFault =
  | 'none'
  | 'hands every message to everybody'
  | 'hands over what it was given'
  | 'blocks all peers for one'
  | 'delivers entries cut short'
  | 'delivers after it was closed'
  | 'throws where nobody is'
  | 'does not notice who leaves'
  | 'keeps addresses to itself';

interface Seat {
  readonly introduction: ServerIdentity;
  readonly received$: Subject<Message>;
  readonly connections$: Subject<ConnectionChange>;
}

/** So many turns without what was awaited, and it never comes. */
const TURNS_MAX = 500;

export class WrongNetwork implements TransportNetwork {
  readonly #fault: TransportFault;
  readonly #seats = new Map<ServerId, Seat>();

  constructor(fault: TransportFault) {
    this.#fault = fault;
  }

  make(id: ServerId): Transport {
    const received$ = new Subject<Message>();
    const connections$ = new Subject<ConnectionChange>();
    return {
      received$,
      connections$,
      open: async (introduction) => this.#open(id, { introduction, received$, connections$ }),
      send: (message) => this.#send(message),
      close: async () => this.#close(id, connections$),
    };
  }

  async run<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    const settle = () => {
      isSettled = true;
    };
    promise.then(settle, settle);
    for (let turn = 0; turn < TURNS_MAX && !isSettled; turn += 1) await nextTurn();
    if (!isSettled) throw new Error(`not in ${TURNS_MAX} turns`);
    return promise;
  }

  dispose(): void {
    this.#seats.clear();
  }

  #open(id: ServerId, seat: Seat): void {
    this.#seats.set(id, seat);
    const hidesAddresses = this.#fault === 'keeps addresses to itself';
    const told = ({ introduction }: Seat): ConnectionChange => ({
      peer: introduction.serverId,
      isConnected: true,
      clientAddress: hidesAddresses ? '' : introduction.clientAddress,
    });
    for (const [peer, other] of this.#seats) {
      if (peer === id) continue;
      other.connections$.next(told(seat));
      seat.connections$.next(told(other));
    }
  }

  #close(id: ServerId, connections$: Subject<ConnectionChange>): void {
    if (this.#seats.get(id)?.connections$ !== connections$) return;
    if (this.#fault !== 'delivers after it was closed') this.#seats.delete(id);
    if (this.#fault === 'does not notice who leaves') return;
    for (const [peer, { connections$ }] of this.#seats) {
      if (peer !== id) connections$.next({ peer: id, isConnected: false });
    }
  }

  #isBlocked = false;

  #send(message: Message): void {
    const fault = this.#fault;
    if (!this.#seats.has(message.to)) {
      if (fault === 'throws where nobody is') throw new Error(`there is no ${message.to}`);
      if (fault === 'blocks all peers for one') this.#isBlocked = true;
    }
    if (this.#isBlocked) return;
    const sent = fault === 'hands over what it was given' ? message : structuredClone(message);
    const isCut = fault === 'delivers entries cut short' && sent.type === 'AppendEntries';
    const delivered = isCut ? { ...sent, entries: sent.entries.slice(1) } : sent;
    setImmediate(() => {
      for (const [id, { received$ }] of this.#seats) {
        const isMeant = id === message.to || fault === 'hands every message to everybody';
        if (isMeant) received$.next(delivered);
      }
    });
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
