/** What a script does to messages on their way: `drop`, `hold`, `copy`, `pass`, `release`, `repeat`. */
import { filter } from 'rxjs';
import { MESSAGE_TYPES, type Message } from '../../machines/rules/messages.ts';
import type { Link } from '../../src/simulation/network.ts';

interface Rule {
  readonly verb: 'drop' | 'hold' | 'copy';
  readonly type: string;
  readonly from: string;
  readonly to: string;
}

export class Links {
  #rules: readonly Rule[] = [];
  #kept: readonly Message[] = [];

  readonly link: Link = () => filter((message) => this.#admits(message));

  /** `drop AppendEntries a→c`; `*` stands for anything. */
  add(verb: Rule['verb'], [type = '', direction = '']: readonly string[]): void {
    const [from = '', to = ''] = direction.split('→');
    if (type !== '*' && !MESSAGE_TYPES.some((each) => each === type)) {
      throw new SyntaxError(`There is no message '${type}'`);
    }
    this.#rules = [...this.#rules, { verb, type, from, to }];
  }

  /** From now on everything passes again; what is held stays held. */
  pass(): void {
    this.#rules = [];
  }

  /** What was held or copied so far, oldest first. */
  get kept(): readonly Message[] {
    return this.#kept;
  }

  forget(): void {
    this.#kept = [];
  }

  #admits(message: Message): boolean {
    const rule = this.#rules.find(({ type, from, to }) =>
      [
        [type, message.type],
        [from, message.from],
        [to, message.to],
      ].every(([wanted, actual]) => wanted === '*' || wanted === actual),
    );
    if (rule === undefined) return true;
    if (rule.verb !== 'drop') this.#kept = [...this.#kept, message];
    return rule.verb === 'copy';
  }
}
