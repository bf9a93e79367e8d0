/**
 * What the page offers to tests and to whoever opens the console: `statecraft.frame()`,
 * `statecraft.seek(123)`, `statecraft.transitionTable('server')`.
 */
import { machines } from '../../../machines/index.ts';
import { chartOf } from '../../diagram/chart.ts';
import { tableOf } from '../../diagram/transition-table.ts';
import type { Action } from '../action.ts';
import { frameHash } from '../frame-hash.ts';
import type { PlaygroundStore } from './store.ts';

export function playgroundDebugApi(store: PlaygroundStore) {
  const { player, loop } = store;
  const { frame, recording } = player;
  const shown = async (moved: Promise<unknown>) => {
    await moved;
    await loop.drawn();
    return frame.value;
  };
  return {
    /** The event that the page shows. */
    frame: () => frame.value,
    /** Of everything in that frame: equal for equal frames, however one came there. */
    hash: () => frameHash(frame.value),
    /** The last event there is by now. */
    length: () => recording.value.length,
    /** Seed, servers and everything done: the run as data. */
    script: () => recording.value.script,
    play: () => player.play(),
    pause: () => player.pause(),
    /** Goes to that event, recording up to it if need be; resolves when the page is there. */
    seek: (event: number) => shown(player.goTo(event)),
    /** So many events forward; backward when negative. */
    step: (events = 1) => shown(player.step(events)),
    /** Virtual to real time, 0.001 to 1. */
    setSpeed: (speed: number) => {
      player.speed.value = speed;
    },
    /** Does it as the event after the one shown. */
    act: (action: Action) => shown(store.act(action)),
    /** What the machines of this very page do, as `statecraft diagram --format table` prints it. */
    transitionTable: (name: keyof typeof machines) => tableOf(chartOf(machines[name])),
    /** Milliseconds between one picture and the next while time went on, oldest first. */
    frameTimes: () => loop.frameTimes(),
  };
}
