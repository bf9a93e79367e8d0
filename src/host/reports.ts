/**
 * What a server reports of itself while it runs, and at its end: that it has stopped, that it knows no
 * leader, and why. Who subscribes later gets the last value, too.
 */
import { ReplaySubject } from 'rxjs';
import type { LogIndex, ServerId } from '../../machines/rules/entries.ts';
import type { ServerRole } from '../ports/server.ts';

/** Unlike a `BehaviorSubject`, it emits its last value to those who subscribe after its end, too. */
class Latest<Value> extends ReplaySubject<Value> {
  #value: Value;

  constructor(first: Value) {
    super(1);
    this.#value = first;
    this.next(first);
  }

  /** Whether that was new. */
  update(value: Value): boolean {
    if (value === this.#value) return false;
    this.#value = value;
    this.next(value);
    return true;
  }
}

export class Reports {
  readonly role$ = new Latest<ServerRole>('follower');
  readonly leader$ = new Latest<ServerId | null>(null);
  readonly applied$ = new Latest<LogIndex>(0);
  readonly failed$ = new ReplaySubject<Error>(1);
  #leaderChanges = 0;

  /** How often a leader was heard from anew. */
  get leaderChanges(): number {
    return this.#leaderChanges;
  }

  report(role: ServerRole, leader: ServerId | null): void {
    this.role$.update(role);
    if (this.leader$.update(leader) && leader !== null) this.#leaderChanges += 1;
  }

  /** Who does something while this server leads has to end it, however the server ended. */
  end(failure: Error | null): void {
    this.report('stopped', null);
    if (failure !== null) this.failed$.next(failure);
    for (const subject of [this.role$, this.leader$, this.applied$, this.failed$]) {
      subject.complete();
    }
  }
}
