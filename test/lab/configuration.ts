/** The verbs that the course's tests are written in (its config): each claims something, in time. */
import { COURSE } from './bounds-lab-2.ts';
import { CourseFailure, claim } from './course-test.ts';
import { LabCluster } from './lab-cluster.ts';

/** A term has passed since: what was waited for may never be. */
export const MOVED_ON = Symbol('the servers have moved on to another term');

export class LabConfiguration extends LabCluster {
  #nextStart = 0;

  sleep(forMs: number): Promise<void> {
    return this.time.sleep(forMs);
  }

  /** A command like no other. */
  anyCommand(): string {
    return String(this.random.below(Number.MAX_SAFE_INTEGER));
  }

  /** The leader of the newest term among the connected; no term has two. */
  async checkOneLeader(): Promise<number> {
    const { leaderTries, leaderPauseMs, leaderPauseRandomMsEnd } = COURSE;
    for (let attempt = 0; attempt < leaderTries; attempt += 1) {
      await this.sleep(leaderPauseMs + this.random.below(leaderPauseRandomMsEnd));
      const leaders = this.#leadersByTerm();
      const newest = [...leaders.keys()].sort((a, b) => b - a)[0];
      if (newest !== undefined) return leaders.get(newest) as number;
    }
    throw new CourseFailure('expected one leader among the connected servers, and there is none');
  }

  #leadersByTerm(): Map<number, number> {
    const leaders = new Map<number, number>();
    for (const place of this.places.filter((each) => this.isConnected(each))) {
      const state = this.raft(place)?.getState();
      if (!state?.isLeader) continue;
      const other = leaders.get(state.term);
      claim(other === undefined, `term ${state.term} has two leaders, ${other} and ${place}`);
      leaders.set(state.term, place);
    }
    return leaders;
  }

  /** The term of all connected servers. */
  checkTerms(): number {
    const connected = this.places.filter((place) => this.isConnected(place));
    const terms = new Set(connected.map((place) => this.raft(place)?.getState().term));
    claim(terms.size === 1, `the servers disagree on the term: ${[...terms].join(', ')}`);
    return [...terms][0] ?? 0;
  }

  checkNoLeader(): void {
    const leaders = [...this.#leadersByTerm().values()];
    claim(leaders.length === 0, `expected no leader, and ${leaders.join(', ')} claims to be one`);
  }

  /** How many have applied something at the index; two different things must not be. */
  committedCount(index: number): number {
    return this.logs.committed(index).count;
  }

  checkNotCommitted(index: number): void {
    const count = this.committedCount(index);
    claim(count === 0, `index ${index} is committed on ${count} servers, without a majority`);
  }

  /** Gives a command to a server that must be leader, and must want it at one of these indexes. */
  checkStart(place: number, command: string, from: number, through = from): number {
    const started = this.raft(place)?.start(command);
    claim(started?.isLeader === true, `leader ${place} refuses Start(${command})`);
    const { index } = started;
    const isExpected = index >= from && index <= through;
    claim(isExpected, `Start(${command}) gives index ${index} instead of ${from} to ${through}`);
    return index;
  }

  /**
   * One agreement, from start to end: whoever leads is given the command, and at least so many
   * servers apply it at that index. Without retries the first who accepts it must see it through.
   */
  async one(command: string, expectedServers: number, mayRetry: boolean): Promise<number> {
    const deadline = this.time.now() + COURSE.agreementMs;
    while (this.time.now() < deadline) {
      const index = this.#startAnywhere(command);
      if (index === null) {
        await this.sleep(COURSE.restartPauseMs);
        continue;
      }
      const isAgreed = () => {
        const committed = this.logs.committed(index);
        return committed.count >= expectedServers && committed.command === command;
      };
      if (await this.time.until(isAgreed, COURSE.startMs, COURSE.agreementPollMs)) return index;
      if (!mayRetry) break;
    }
    const shown = command.slice(0, 20);
    throw new CourseFailure(
      `one(${shown}) failed to reach agreement on ${expectedServers} servers`,
    );
  }

  #startAnywhere(command: string): number | null {
    for (const _ of this.places) {
      this.#nextStart = (this.#nextStart + 1) % this.count;
      if (!this.isConnected(this.#nextStart)) continue;
      const started = this.raft(this.#nextStart)?.start(command);
      if (started?.isLeader) return started.index;
    }
    return null;
  }

  /** What at least so many servers apply at the index; `MOVED_ON` if a newer term comes before. */
  async wait(
    index: number,
    servers: number,
    startTerm: number | null = null,
  ): Promise<string | typeof MOVED_ON | null> {
    let pauseMs: number = COURSE.waitFirstMs;
    for (let polls = 0; polls < COURSE.waitPolls; polls += 1) {
      if (this.committedCount(index) >= servers) break;
      await this.sleep(pauseMs);
      if (pauseMs < COURSE.waitDoublesBelowMs) pauseMs *= 2;
      if (startTerm !== null && this.#newestTerm() > startTerm) return MOVED_ON;
    }
    const { count, command } = this.logs.committed(index);
    claim(count >= servers, `only ${count} servers decided index ${index}, of ${servers} wanted`);
    return command;
  }

  #newestTerm(): number {
    return Math.max(...this.places.map((place) => this.raft(place)?.getState().term ?? 0));
  }
}
