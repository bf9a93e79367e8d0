/** Lab 2C, churn: clients propose while servers are cut, crashed and started at random (§5.1). */
import { LAB_2 } from './bounds-lab-2.ts';
import type { LabConfiguration } from './configuration.ts';
import { type CourseTest, claim } from './course-test.ts';
import { courseTest } from './define.ts';

/** How long a client looks for its command, in steps. */
const CLIENT_POLLS_MS = [10, 20, 50, 100, 200];
const CLIENT_PAUSE_MS = { first: 79, each: 17 };
const CHANCE_OF = { cut: 0.2, start: 0.5, crash: 0.2 };

type ChurnBounds = typeof LAB_2.TestReliableChurn2C | typeof LAB_2.TestUnreliableChurn2C;

/** The last server that takes itself for the leader says where the command is to stand. */
function propose(lab: LabConfiguration, command: string): number | null {
  let index: number | null = null;
  for (const place of lab.places) {
    const started = lab.raft(place)?.start(command);
    if (started?.isLeader) index = started.index;
  }
  return index;
}

/** Whether the command, and not another, was seen committed there in time. */
async function seesCommitted(lab: LabConfiguration, index: number, command: string) {
  for (const pollMs of CLIENT_POLLS_MS) {
    const committed = lab.logs.committed(index);
    if (committed.count > 0) return committed.command === command;
    await lab.sleep(pollMs);
  }
  return false;
}

/** One client, until it is stopped: the commands that it has seen committed. */
async function client(lab: LabConfiguration, me: number, isStopped: () => boolean) {
  const seen: string[] = [];
  while (!isStopped()) {
    const command = lab.anyCommand();
    const index = propose(lab, command);
    if (index === null) await lab.sleep(CLIENT_PAUSE_MS.first + me * CLIENT_PAUSE_MS.each);
    else if (await seesCommitted(lab, index, command)) seen.push(command);
  }
  return seen;
}

async function disturb(lab: LabConfiguration, { servers, rounds, roundMs }: ChurnBounds) {
  const any = () => lab.random.below(servers);
  for (let round = 0; round < rounds; round += 1) {
    if (lab.random.chance(CHANCE_OF.cut)) lab.disconnect(any());
    if (lab.random.chance(CHANCE_OF.start)) {
      const place = any();
      if (lab.raft(place) === null) lab.start(place);
      lab.connect(place);
    }
    if (lab.random.chance(CHANCE_OF.crash)) lab.crash(any());
    await lab.sleep(roundMs);
  }
}

async function churn(lab: LabConfiguration, bounds: ChurnBounds): Promise<void> {
  const { servers, clients, settleMs } = bounds;
  let isStopped = false;
  const running = Array.from({ length: clients }, (_, me) => client(lab, me, () => isStopped));
  await disturb(lab, bounds);
  await lab.sleep(settleMs);
  lab.network.isReliable = true;
  for (const place of lab.places) {
    if (lab.raft(place) === null) lab.start(place);
    lab.connect(place);
  }
  isStopped = true;
  const seen = (await Promise.all(running)).flat();
  claim(seen.length > 0, 'no client has seen any of its commands committed');
  await lab.sleep(settleMs);
  const last = await lab.one(lab.anyCommand(), servers, true);
  const found = new Set<unknown>();
  for (let index = 1; index <= last; index += 1) found.add(await lab.wait(index, servers));
  for (const command of seen) {
    claim(found.has(command), `${command} was seen committed, and is not in the final log`);
  }
}

export const lab2CChurn: readonly CourseTest[] = [
  courseTest('TestReliableChurn2C', LAB_2.TestReliableChurn2C, churn),
  courseTest('TestUnreliableChurn2C', LAB_2.TestUnreliableChurn2C, churn, { isUnreliable: true }),
];
