/** The verbs of a script, on one simulated cluster. */
import type { KeyValueCommand } from '../../src/kv/index.ts';
import type { Outcome } from '../../src/ports/outcome.ts';
import type { KeyValueCluster } from '../paper/scenario.ts';
import { Links } from './links.ts';
import { numberOf, Setting } from './setting.ts';
import { describeOutcome, diskOf, stateOf } from './tellings.ts';
import type { Line } from './view.ts';

/** Whatever is waited for comes within this, or the script is wrong. */
const WAIT_MAX_MS = 20_000;

type Words = readonly string[];

export class Stage {
  readonly setting = new Setting();
  readonly links = new Links();
  /** Answers to clients and states asked for, in the order they came. */
  readonly said: Line[] = [];
  #cluster: KeyValueCluster | null = null;
  #unanswered = 0;

  /** Whether there is a cluster yet: the settings are then what they are. */
  get hasBegun(): boolean {
    return this.#cluster !== null;
  }

  get cluster(): KeyValueCluster {
    this.#cluster ??= this.setting.make(this.links.link) as unknown as KeyValueCluster;
    return this.#cluster;
  }

  async perform(command: string): Promise<void> {
    const verb = VERBS.find((each) => command === each || command.startsWith(`${each} `));
    if (verb === undefined) throw new SyntaxError(`There is no verb for '${command}'`);
    const words = command.slice(verb.length).split(' ').filter(Boolean);
    await this.#verbs[verb](words);
  }

  readonly #verbs: Record<(typeof VERBS)[number], (words: Words) => void | Promise<void>> = {
    cluster: (words) => this.#set(() => this.setting.cluster(words)),
    given: (words) => this.#set(() => this.setting.given(words)),
    timeout: (words) => this.setting.timeout(words),

    'run until': (words) => this.#runUntil(words),
    run: ([duration]) => this.cluster.run({ forMs: numberOf(duration) }),
    state: (words) => {
      const ids = words.length > 0 ? words : this.cluster.ids;
      this.#each(ids, (id) => this.#say(stateOf(this.cluster.at(id))));
    },
    disk: (words) => this.#each(words, (id) => this.#say(diskOf(this.cluster.at(id)))),

    crash: (words) => this.#each(words, (id) => this.cluster.at(id).crash()),
    restart: (words) => this.#each(words, (id) => this.cluster.at(id).restart()),
    stop: (words) => this.#each(words, (id) => this.cluster.at(id).stop()),
    resume: (words) => this.#each(words, (id) => this.cluster.at(id).resume()),
    'shut down': ([id = '']) => void this.cluster.at(id).shutDown(),
    'fail next write of': ([id = '', left]) =>
      this.cluster.at(id).failNextWrite(left as 'lost' | 'kept' | 'torn'),
    'slow disk of': ([id = '', duration]) => {
      const milliseconds = numberOf(duration);
      this.cluster.at(id).disk.setFaults({ writeMs: { minMs: milliseconds, maxMs: milliseconds } });
    },

    partition: (words) =>
      this.cluster.partition(
        ...words
          .join(' ')
          .split('|')
          .map((group) => group.trim().split(' ')),
      ),
    block: (words) =>
      this.#each(words, (way) => this.cluster.block(...(way.split('→') as [string, string]))),
    heal: () => this.cluster.heal(),
    drop: (words) => this.links.add('drop', words),
    hold: (words) => this.links.add('hold', words),
    copy: (words) => this.links.add('copy', words),
    pass: () => this.links.pass(),
    release: () => this.#deliverKept(),

    propose: (words) => this.#propose(words),
    read: ([id = '', key = '']) =>
      this.#call(id, `get ${key}`, this.cluster.at(id).query({ type: 'get', key })),
    'open session at': ([id = '']) =>
      this.#call(id, 'open session', this.cluster.at(id).openSession()),
  };

  #set(change: () => void): void {
    if (this.hasBegun) throw new SyntaxError('Settings come before the first thing that happens');
    change();
  }

  #each(words: Words, deed: (id: string) => void): void {
    for (const id of words) deed(id);
  }

  /** What was held, or copied, arrives now, whatever has become of the links. */
  async #deliverKept(): Promise<void> {
    for (const message of this.links.kept) this.cluster.inject(message);
    this.links.forget();
    await this.cluster.run({ forMs: 0 });
  }

  /**
   * `a leads`, `a follows`, `a campaigns`, `a holds 3`, `all applied 3`,
   * `a failed`, `answered`.
   */
  async #runUntil([who = '', deed, index]: Words): Promise<void> {
    const { cluster } = this;
    const servers = who === 'all' ? cluster.servers : who === 'answered' ? [] : [cluster.at(who)];
    const isSo = (): boolean => {
      if (who === 'answered') return this.#unanswered === 0;
      return servers.every((server) => {
        if (deed === 'leads') return server.isRunning && server.role() === 'leader';
        if (deed === 'campaigns') return server.role() === 'candidate';
        if (deed === 'follows') {
          return server.role() === 'follower' && server.status().leader !== null;
        }
        if (deed === 'applied') return server.status().appliedIndex >= numberOf(index);
        if (deed === 'holds' || deed === 'hold') return server.log().lastIndex >= numberOf(index);
        if (deed === 'failed') return server.failure !== null;
        throw new SyntaxError(`Nobody can be waited for to '${deed}'`);
      });
    };
    await cluster.run({ until: isSo, withinMs: WAIT_MAX_MS });
  }

  /** `propose a put x 1`, `propose a append x 1 session 2 sequence 1 unanswered 1`. */
  #propose([id = '', type, key = '', value = '', ...more]: Words): void {
    const command = { type, key, value } as KeyValueCommand;
    const after = (name: string) => {
      const at = more.indexOf(name);
      return at < 0 ? undefined : numberOf(more[at + 1]);
    };
    const [session, sequence, firstUnanswered] = ['session', 'sequence', 'unanswered'].map(after);
    const options =
      session === undefined
        ? {}
        : {
            session: {
              session,
              sequence: sequence ?? 1,
              ...(firstUnanswered === undefined ? {} : { firstUnanswered }),
            },
          };
    const label = `${type} ${key} ${value}${sequence === undefined ? '' : ` (sequence ${sequence})`}`;
    this.#call(id, label, this.cluster.at(id).propose(command, options));
  }

  #call(id: string, label: string, answer: Promise<Outcome<unknown>>): void {
    this.#unanswered += 1;
    void answer.then((outcome) => {
      this.#unanswered -= 1;
      this.#say(`${id} answers ${label}: ${describeOutcome(outcome)}`);
    });
  }

  #say(text: string): void {
    this.said.push({ timeMs: this.cluster.clock.now(), text });
  }
}

/** Longer ones first, where one begins like another. */
const VERBS = [
  'cluster',
  'given',
  'timeout',
  'run until',
  'run',
  'state',
  'disk',
  'crash',
  'restart',
  'stop',
  'resume',
  'shut down',
  'fail next write of',
  'slow disk of',
  'partition',
  'block',
  'heal',
  'drop',
  'hold',
  'copy',
  'pass',
  'release',
  'propose',
  'read',
  'open session at',
] as const;
