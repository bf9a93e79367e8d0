/** Lab 2C, Figure 8 (§5.4.2): leaders that come and go in a thousand rounds, proposals everywhere. */
import { LAB_2 } from './bounds-lab-2.ts';
import type { LabConfiguration } from './configuration.ts';
import type { CourseTest } from './course-test.ts';
import { courseTest } from './define.ts';

const SHORT_PAUSE_MS_END = 13;

/** Every server is asked; the last that takes itself for the leader. */
function proposeEverywhere(lab: LabConfiguration): number | null {
  let leader: number | null = null;
  for (const place of lab.places) {
    const isLeader = lab.raft(place)?.start(lab.anyCommand()).isLeader;
    if (isLeader) leader = place;
  }
  return leader;
}

/** Mostly so short that the leader has hardly begun; now and then long enough for another. */
function pause(lab: LabConfiguration, { longPause, longMsEnd }: Pauses): Promise<void> {
  const msEnd = lab.random.chance(longPause) ? longMsEnd : SHORT_PAUSE_MS_END;
  return lab.sleep(lab.random.below(msEnd));
}

interface Pauses {
  readonly longPause: number;
  readonly longMsEnd: number;
}

export const lab2CFigure8: readonly CourseTest[] = [
  courseTest('TestFigure82C', LAB_2.TestFigure82C, async (lab, bounds) => {
    const { servers, rounds, aliveMin } = bounds;
    const startAgain = (place: number) => {
      if (lab.raft(place) !== null) return;
      lab.start(place);
      lab.connect(place);
    };
    const alive = () => lab.places.filter((place) => lab.raft(place) !== null).length;
    await lab.one(lab.anyCommand(), 1, true);
    for (let round = 0; round < rounds; round += 1) {
      const leader = proposeEverywhere(lab);
      await pause(lab, bounds);
      if (leader !== null) lab.crash(leader);
      if (alive() < aliveMin) startAgain(lab.random.below(servers));
    }
    for (const place of lab.places) startAgain(place);
    await lab.one(lab.anyCommand(), servers, true);
  }),

  courseTest(
    'TestFigure8Unreliable2C',
    LAB_2.TestFigure8Unreliable2C,
    async (lab, bounds) => {
      const { servers, rounds, reorderingFrom, aliveMin, cut } = bounds;
      const connected = () => lab.places.filter((place) => lab.isConnected(place)).length;
      await lab.one(lab.anyCommand(), 1, true);
      for (let round = 0; round < rounds; round += 1) {
        if (round === reorderingFrom) lab.network.isLongReordering = true;
        const leader = proposeEverywhere(lab);
        await pause(lab, bounds);
        const isReachable = leader !== null && lab.isConnected(leader);
        if (isReachable && lab.random.chance(cut)) lab.disconnect(leader);
        if (connected() < aliveMin) lab.connect(lab.random.below(servers));
      }
      lab.connect(...lab.places);
      await lab.one(lab.anyCommand(), servers, true);
    },
    { isUnreliable: true },
  ),
];
