import { describe, expect, it } from 'vitest';
import type { Frame } from '../../src/playground/frame.ts';
import { Player } from '../../src/playground/page/player.ts';
import { Recording } from '../../src/playground/recording.ts';
import type { Script } from '../../src/playground/script.ts';

const crash = { type: 'crash', server: 'c' } as const;
const cut = { type: 'cut', from: 'a', to: 'b' } as const;
const script: Script = { seed: 7, servers: 5, scenario: null, actions: [] };

async function playerAt(event: number, through = event): Promise<Player> {
  const recording = await Recording.start(script);
  await recording.advanceTo(through);
  const player = new Player(recording, 1);
  player.load(recording, event);
  return player;
}

describe('moves that come faster than they are done', () => {
  it('are all done, each from where the one before has led: steps', async () => {
    const player = await playerAt(10);
    const steps = Array.from({ length: 5 }, () => player.step(1));
    await Promise.all([...steps, player.step(-2)]);
    expect(player.at).toBe(13);
  });

  it('are all done: two deeds in the past fork history once', async () => {
    const player = await playerAt(10, 40);
    const forks: unknown[] = [];
    await Promise.all([
      player.act(() => crash).then(() => forks.push(player.fork.value?.lost)),
      player.act(() => cut).then(() => forks.push(player.fork.value?.lost)),
    ]);
    expect(player.at).toBe(12);
    expect(player.recording.value.script.actions).toEqual([
      { after: 10, action: crash },
      { after: 11, action: cut },
    ]);
    expect(forks).toEqual([30, undefined]);
  });

  it('are chosen when their turn comes: a server is not crashed twice', async () => {
    const player = await playerAt(10);
    const crashOnce = (frame: Frame) => {
      const isDown = frame.servers.find(({ id }) => id === 'c')?.condition === 'down';
      return isDown ? null : crash;
    };
    await Promise.all([player.act(crashOnce), player.act(crashOnce), player.step(1)]);
    expect(player.recording.value.script.actions).toEqual([{ after: 10, action: crash }]);
    expect(player.at).toBe(12);
  });

  it('of a run that was left are not done in the next', async () => {
    const player = await playerAt(10);
    const next = await Recording.start(script);
    const late = [player.step(1), player.act(() => crash)];
    player.load(next, 0);
    await Promise.all(late);
    expect(player.at).toBe(0);
    expect(next.script.actions).toEqual([]);
  });
});

describe('time', () => {
  it('stands while something is done: nobody sees what will be gone by it', async () => {
    const player = await playerAt(20, 30);
    player.play();
    const acted = player.act(() => crash);
    await null;
    for (let picture = 0; picture < 50; picture += 1) player.tick(100);
    expect(player.at).toBe(20);
    await acted;
    expect(player.at).toBe(21);
    expect(player.fork.value).toMatchObject({ after: 20, lost: 10 });
  });

  it('is looked at also where the first frames are no longer kept', async () => {
    const recording = await Recording.start(script, { framesMax: 20 });
    await recording.advanceTo(100);
    const player = new Player(recording, 1);
    await recording.recall(40);
    player.load(recording, 40);
    expect(player.frame.value.number).toBe(40);
  });
});
