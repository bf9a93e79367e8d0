/**
 * The network (design: the network is subjects): each directed link is an RxJS subject whose pipe is
 * its fault model. What is sent is encoded and decoded first, so that servers share nothing.
 *
 * Every message goes through the clock's queue, also on a link without latency: a delivery inside
 * the sender's own step would make the order of events the order of function calls.
 */
import { filter, type MonoTypeOperatorFunction, map, Subject } from 'rxjs';
import type { ServerId } from '../../machines/rules/entries.ts';
import type { Message } from '../../machines/rules/messages.ts';
import { decodeFrame, encodeFrame } from '../formats/message-frame.ts';
import { decodePeerFrame, encodeDigests } from '../formats/peer-frame.ts';
import type {
  ConnectionChange,
  ServerIdentity,
  StateDigests,
  Transport,
} from '../ports/transport.ts';
import { Connectivity, LinkConnections, type LinkEndpoint } from './connectivity.ts';
import { type DurationRange, delay, type FaultContext } from './faults.ts';
import { type DeliveryOutcome, type Flight, Flights } from './flights.ts';
import type { ServerProcess } from './process.ts';
import type { SeededRandom } from './random.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** A user's own fault model of one directed link. */
export type Link = (
  from: ServerId,
  to: ServerId,
  context: FaultContext,
) => MonoTypeOperatorFunction<Message>;

/** Told of everything that goes over the network. */
export interface NetworkObserver {
  onSend(message: Message): void;
  onArrival(message: Message): void;
  /** A message's way has ended. */
  onDeliveryEnd(flight: Flight, outcome: DeliveryOutcome): void;
}

export interface NetworkOptions {
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
  readonly latency: DurationRange;
  readonly link?: Link | undefined;
  readonly areCrashesNoticed: boolean;
  readonly observer: NetworkObserver;
}

interface NetworkEndpoint extends LinkEndpoint {
  receive(message: Message): void;
  receiveDigests(received: ReceivedDigests): void;
}

type ReceivedDigests = StateDigests & { readonly from: ServerId };

export class SimulatedNetwork {
  readonly connectivity = new Connectivity();
  readonly flights: Flights;
  readonly #options: NetworkOptions;
  readonly #links = new Map<string, Subject<Message>>();
  readonly connections: LinkConnections<NetworkEndpoint>;

  constructor(options: NetworkOptions) {
    this.#options = options;
    this.flights = new Flights({
      now: () => options.clock.now(),
      isOpen: this.connectivity.isOpen,
      onEnd: (flight, outcome) => options.observer.onDeliveryEnd(flight, outcome),
    });
    this.connections = new LinkConnections(this.connectivity, options.areCrashesNoticed);
  }

  /** The transport of one run of a server. */
  transport(id: ServerId, process: ServerProcess): Transport {
    return new SimulatedTransport(id, process, this);
  }

  /** A connection is known to be lost once everything that was under way on it has arrived. */
  announce(change: ConnectionChange, tell: () => void): void {
    const { clock, latency } = this.#options;
    clock.setTimeout(tell, change.isConnected ? 0 : latency.maxMs);
  }

  send(message: Message): void {
    this.#options.observer.onSend(message);
    const carried = decodeFrame(encodeFrame(message));
    if (carried !== 'unknown-kind') this.#link(message.from, message.to).next(carried);
  }

  /** Past every fault and the referee: it arrives at once, if anybody is there. */
  inject(message: Message): void {
    this.#options.clock.setTimeout(() => this.#deliver(message), 0);
  }

  /** Beside the protocol, and so beside the fault models of its links: only cuts lose it. */
  sendDigests(from: ServerId, to: ServerId, state: StateDigests): void {
    const { clock, random, latency } = this.#options;
    const frame = decodePeerFrame(encodeDigests(state));
    if (frame === 'unknown-kind' || frame.type !== 'Digests') return;
    const { index, digests } = frame;
    const { isOpen } = this.connectivity;
    if (!isOpen(from, to)) return;
    const own = random.fork(`${from}>${to}/digests ${clock.now()}`);
    clock.setTimeout(
      () => {
        if (isOpen(from, to)) this.connections.at(to)?.receiveDigests({ from, index, digests });
      },
      own.between(latency.minMs, latency.maxMs),
    );
  }

  #arrive(flight: Flight): void {
    const { message } = flight;
    this.flights.end(flight, this.connections.at(message.to) ? 'arrived' : 'nobody');
    this.#deliver(message);
  }

  #deliver(message: Message): void {
    const endpoint = this.connections.at(message.to);
    if (endpoint === undefined) return;
    this.#options.observer.onArrival(message);
    endpoint.receive(message);
  }

  #link(from: ServerId, to: ServerId): Subject<Message> {
    const name = `${from}>${to}`;
    let link = this.#links.get(name);
    if (link === undefined) {
      link = this.#makeLink(from, to, name);
      this.#links.set(name, link);
    }
    return link;
  }

  #makeLink(from: ServerId, to: ServerId, name: string): Subject<Message> {
    const { clock, random, latency, link } = this.#options;
    const ownFaults = { clock, random: random.fork(`${name}/own`) };
    const subject = new Subject<Message>();
    const asUserWants = link === undefined ? subject : subject.pipe(link(from, to, ownFaults));
    const { begin, noteDue, mayPass } = this.flights;
    // At both ends of the way: what is under way when a cut comes is lost too.
    asUserWants
      .pipe(
        map(begin),
        filter(mayPass),
        delay(latency, { clock, random: random.fork(name) }, noteDue),
        filter(mayPass),
      )
      .subscribe((flight) => this.#arrive(flight));
    return subject;
  }
}

class SimulatedTransport implements Transport, NetworkEndpoint {
  readonly id: ServerId;
  readonly received$ = new Subject<Message>();
  readonly connections$ = new Subject<ConnectionChange>();
  readonly digests$ = new Subject<ReceivedDigests>();
  readonly #network: SimulatedNetwork;
  readonly #process: ServerProcess;
  #isOpen = false;
  clientAddress = '';

  constructor(id: ServerId, process: ServerProcess, network: SimulatedNetwork) {
    this.id = id;
    this.#process = process;
    this.#network = network;
  }

  async open({ clientAddress }: ServerIdentity): Promise<void> {
    if (!this.#process.isAlive) return;
    this.clientAddress = clientAddress;
    this.#isOpen = true;
    this.#network.connections.open(this);
  }

  send(message: Message): void {
    if (this.#isOpen && this.#process.isAlive) this.#network.send(message);
  }

  sendDigests(to: ServerId, state: StateDigests): void {
    if (this.#isOpen && this.#process.isAlive) this.#network.sendDigests(this.id, to, state);
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#network.connections.close(this);
  }

  receive(message: Message): void {
    this.#enter(() => this.received$.next(message));
  }

  receiveDigests(received: ReceivedDigests): void {
    this.#enter(() => this.digests$.next(received));
  }

  onConnectionChange(change: ConnectionChange): void {
    this.#network.announce(change, () => this.#enter(() => this.connections$.next(change)));
  }

  #enter(task: () => void): void {
    this.#process.enter(() => {
      if (this.#isOpen) task();
    });
  }
}
