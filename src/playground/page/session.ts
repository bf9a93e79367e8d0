/** Which run the page shows: a free one, a scenario, or what a link brought; and how to leave it. */
import { Recording } from '../recording.ts';
import type { Script } from '../script.ts';
import type { RunChoice } from './header.tsx';
import type { Complaint } from './notices.tsx';
import { Stage } from './stage.ts';

/** A leader is there after three to five seconds. */
const DEFAULT_SPEED = 1 / 10;
export const DEFAULT_CHOICE: RunChoice = { scenario: null, servers: 5, seed: 7 };

export class Session {
  readonly stage: Stage;
  choice: RunChoice;
  complaint: Complaint | null = null;
  readonly scenarios: readonly { readonly id: string; readonly title: string }[] = [];

  private constructor(tape: Recording, choice: RunChoice) {
    this.choice = choice;
    this.stage = new Stage(tape, DEFAULT_SPEED);
  }

  static async open(): Promise<Session> {
    const choice = DEFAULT_CHOICE;
    return new Session(await Recording.start(scriptOf(choice)), choice);
  }

  async start(choice: RunChoice): Promise<void> {
    const { player } = this.stage;
    const tape = await Recording.start(scriptOf(choice));
    this.choice = choice;
    await player.load(tape, 0);
    player.play();
  }

  /** The old script, played again up to where it was. */
  async undo(): Promise<void> {
    const { player } = this.stage;
    const { fork } = player;
    if (fork === null) return;
    const tape = await Recording.start(fork.script);
    await tape.advanceTo(fork.after + fork.lost);
    player.pause();
    await player.load(tape, fork.after);
  }

  async copyLink(): Promise<boolean> {
    try {
      await navigator.clipboard.writeText(location.href);
      return true;
    } catch {
      return false; // Where the clipboard is not given, the address bar has it.
    }
  }
}

function scriptOf({ seed, servers, scenario }: RunChoice): Script {
  return { seed, servers, scenario, deeds: [] };
}
