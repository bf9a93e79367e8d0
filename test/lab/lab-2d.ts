/** Lab 2D, log compaction (§7): snapshots taken, sent, installed and found again. */
import { LAB_2 } from './bounds-lab-2.ts';
import type { LabConfiguration } from './configuration.ts';
import { type CourseTest, claim } from './course-test.ts';
import { courseTest } from './define.ts';

/** Between 5 and 14 commands make a snapshot likely in each round. */
const COMMANDS = { min: 5, more: 10 };

interface Rounds {
  readonly servers: number;
  readonly rounds: number;
  readonly logBytesEnd: number;
}

/** What happens to one server in each round. */
type Fate = 'stays' | 'cut' | 'crashed';

function commandCount(lab: LabConfiguration): number {
  return COMMANDS.min + lab.random.below(COMMANDS.more);
}

async function snapshotRounds(lab: LabConfiguration, bounds: Rounds, fate: Fate): Promise<void> {
  const { servers, rounds, logBytesEnd } = bounds;
  await lab.one(lab.anyCommand(), servers, true);
  let leader = await lab.checkOneLeader();
  for (let round = 0; round < rounds; round += 1) {
    const leaderFails = round % 3 === 1;
    const [victim, sender] = leaderFails ? [leader, leader + 1] : [leader + 1, leader];
    if (fate === 'cut') lab.disconnect(victim);
    if (fate === 'crashed') lab.crash(victim);
    const present = fate === 'stays' ? servers : servers - 1;
    if (fate !== 'stays') await lab.one(lab.anyCommand(), present, true);
    const count = commandCount(lab);
    for (let i = 0; i < count; i += 1) lab.raft(sender)?.start(lab.anyCommand());
    await lab.one(lab.anyCommand(), present, true);
    const { logBytesMax } = lab;
    claim(logBytesMax < logBytesEnd, `${logBytesMax} bytes are saved, ${logBytesEnd} are too many`);
    if (fate === 'stays') continue;
    if (fate === 'crashed') lab.start(victim);
    lab.connect(victim);
    await lab.one(lab.anyCommand(), servers, true);
    leader = await lab.checkOneLeader();
  }
}

function restartAll(lab: LabConfiguration): void {
  for (const place of lab.places) lab.crash(place);
  for (const place of lab.places) {
    lab.start(place);
    lab.connect(place);
  }
}

function snapshotTest(
  name: string,
  bounds: Rounds & Readonly<Record<string, number>>,
  fate: Fate,
  isUnreliable = false,
): CourseTest {
  const setup = { takesSnapshots: true, isUnreliable };
  return courseTest(name, bounds, (lab) => snapshotRounds(lab, bounds, fate), setup);
}

export const lab2D: readonly CourseTest[] = [
  snapshotTest('TestSnapshotBasic2D', LAB_2.TestSnapshotBasic2D, 'stays'),
  snapshotTest('TestSnapshotInstall2D', LAB_2.TestSnapshotInstall2D, 'cut'),
  snapshotTest(
    'TestSnapshotInstallUnreliable2D',
    LAB_2.TestSnapshotInstallUnreliable2D,
    'cut',
    true,
  ),
  snapshotTest('TestSnapshotInstallCrash2D', LAB_2.TestSnapshotInstallCrash2D, 'crashed'),
  snapshotTest('TestSnapshotInstallUnCrash2D', LAB_2.TestSnapshotInstallUnCrash2D, 'crashed', true),

  courseTest(
    'TestSnapshotAllCrash2D',
    LAB_2.TestSnapshotAllCrash2D,
    async (lab, { servers, rounds }) => {
      await lab.one(lab.anyCommand(), servers, true);
      for (let round = 0; round < rounds; round += 1) {
        const count = commandCount(lab);
        for (let i = 0; i < count; i += 1) await lab.one(lab.anyCommand(), servers, true);
        const before = await lab.one(lab.anyCommand(), servers, true);
        restartAll(lab);
        const after = await lab.one(lab.anyCommand(), servers, true);
        claim(after > before, `the index falls from ${before} to ${after} over a restart of all`);
      }
    },
    { takesSnapshots: true },
  ),

  courseTest(
    'TestSnapshotInit2D',
    LAB_2.TestSnapshotInit2D,
    async (lab, { servers, commands }) => {
      await lab.one(lab.anyCommand(), servers, true);
      for (let i = 0; i < commands; i += 1) await lab.one(lab.anyCommand(), servers, true);
      // The first restart finds the snapshot; the write after it must not lose it for the second.
      for (const _ of ['find it', 'find it again']) {
        restartAll(lab);
        await lab.one(lab.anyCommand(), servers, true);
      }
    },
    { takesSnapshots: true },
  ),
];
