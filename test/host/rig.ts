/**
 * One server, alone in a controlled world: its disk writes when the test says so, its peers say what
 * the test has them say, its time is virtual and its chance is scripted.
 */
import { Subject } from 'rxjs';
import { bootstrapConfiguration, type Configuration } from '../../machines/rules/configuration.ts';
import { firstBase } from '../../machines/rules/log.ts';
import type { Message } from '../../machines/rules/messages.ts';
import { DEFAULT_PARAMETERS, type Parameters } from '../../machines/rules/parameters.ts';
import type { SessionSettings } from '../../machines/rules/sessions.ts';
import { type HostObserver, startHost } from '../../src/host/host.ts';
import type { HostOptions } from '../../src/host/host-options.ts';
import type { Server } from '../../src/ports/server.ts';
import type { ConnectionChange, Transport, TransportNotice } from '../../src/ports/transport.ts';
import { drainMicrotasks } from '../../src/simulation/drain-microtasks.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';
import { ControlledStorage } from './controlled-storage.ts';
import { Ledger, type LedgerCommand, type LedgerQuery, type Line } from './ledger.ts';
import { Peer } from './peer.ts';

export interface RigOptions {
  readonly servers?: readonly string[];
  readonly parameters?: Partial<Parameters>;
  readonly settings?: SessionSettings;
  /** Whether an empty storage may be made into that of a new cluster; true unless said otherwise. */
  readonly mayBootstrap?: boolean;
  readonly storage?: ControlledStorage;
  readonly machine?: NonNullable<HostOptions['machine']>;
  readonly observer?: HostObserver;
  readonly ledger?: Ledger;
  readonly openTransport?: Transport['open'];
}

export function configurationOf(servers: readonly string[]): Configuration {
  return bootstrapConfiguration(Object.fromEntries(servers.map((id) => [id, `test://${id}`])));
}

type MessageOf<Type extends Message['type']> = Extract<Message, { type: Type }>;

export class Rig {
  readonly clock = new VirtualClock();
  readonly storage: ControlledStorage;
  /** Everything that has left, in order. */
  readonly sent: Message[] = [];
  readonly received$ = new Subject<Message>();
  readonly connections$ = new Subject<ConnectionChange>();
  readonly transportNotices$ = new Subject<TransportNotice>();
  readonly failures: Error[] = [];
  readonly ledger: Ledger;
  readonly b = new Peer('b', this);
  readonly c = new Peer('c', this);
  isTransportClosed = false;
  /** Before anything leaves. */
  onSend: () => void = () => undefined;
  server!: Server<LedgerCommand, number, LedgerQuery, readonly Line[]>;

  get storageNotices$(): Subject<string> {
    return this.storage.notices$;
  }

  private constructor(storage: ControlledStorage, ledger: Ledger) {
    this.storage = storage;
    this.ledger = ledger;
  }

  /** Server `a`, one of three unless said otherwise, just started. */
  static async start(options: RigOptions = {}): Promise<Rig> {
    const { servers = ['a', 'b', 'c'], parameters = {}, machine, observer } = options;
    const { storage = new ControlledStorage(), ledger = new Ledger() } = options;
    const { openTransport = async () => undefined } = options;
    const rig = new Rig(storage, ledger);
    const { mayBootstrap = true, settings } = options;
    const base = mayBootstrap ? firstBase(configurationOf(servers), settings) : null;
    rig.server = await startHost({
      id: 'a',
      clusterId: 'rig',
      base,
      storage: rig.storage,
      transport: {
        received$: rig.received$,
        notices$: rig.transportNotices$,
        connections$: rig.connections$,
        open: openTransport,
        send: (message) => {
          rig.onSend();
          rig.sent.push(message);
        },
        close: async () => {
          rig.isTransportClosed = true;
        },
      },
      clock: rig.clock,
      random: { next: () => 0.5 },
      stateMachine: () => rig.ledger,
      parameters: { ...DEFAULT_PARAMETERS, ...parameters },
      ...(machine && { machine }),
      ...(observer && { observer }),
    });
    rig.server.failed$.subscribe((error) => rig.failures.push(error));
    await rig.settle();
    return rig;
  }

  /** Whatever can happen at this instant has happened. */
  settle(): Promise<void> {
    return drainMicrotasks();
  }

  /** Time goes on, deadline by deadline. */
  async advance(ms: number): Promise<void> {
    const until = this.clock.now() + ms;
    while (this.clock.fireNext(until)) await this.settle();
    this.clock.advanceTo(until);
    await this.settle();
  }

  /** The write in flight becomes durable. */
  async finishWrite(): Promise<void> {
    this.storage.finish();
    await this.settle();
  }

  async failWrite(message = 'no space left on device'): Promise<void> {
    this.storage.fail(new Error(message));
    await this.settle();
  }

  sentOf<Type extends Message['type']>(type: Type): MessageOf<Type>[] {
    return this.sent.filter((message): message is MessageOf<Type> => message.type === type);
  }

  /** What left since it was last asked. */
  takeSent(): Message[] {
    return this.sent.splice(0);
  }

  /** Server `a` wins an election of term 1 by b's vote; nothing is committed yet. */
  async elect(): Promise<void> {
    await this.advance(600);
    await this.b.grantAll();
  }

  /** Server `a` leads term 1, and has committed its first entry. */
  async lead(): Promise<void> {
    await this.elect();
    await this.b.acknowledge();
    await this.b.acknowledge();
  }
}
