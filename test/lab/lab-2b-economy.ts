/** Lab 2B, what replication may cost (§5.3): bytes, calls, rounds until wrong logs are repaired. */
import { LAB_2 } from './bounds-lab-2.ts';
import { type LabConfiguration, MOVED_ON } from './configuration.ts';
import { CourseFailure, type CourseTest, claim } from './course-test.ts';
import { courseTest } from './define.ts';

/** Tries until one goes through without a change of leader, which is nobody's fault. */
async function inOneTerm(
  lab: LabConfiguration,
  { tries, settleMs }: { tries: number; settleMs: number },
  attempt: (leader: number) => Promise<boolean>,
): Promise<void> {
  for (let done = 0; done < tries; done += 1) {
    if (done > 0) await lab.sleep(settleMs);
    if (await attempt(await lab.checkOneLeader())) return;
  }
  throw new CourseFailure(`the term changed too often, ${tries} times in a row`);
}

function allAreInTerm(lab: LabConfiguration, term: number): boolean {
  return lab.places.every((place) => lab.raft(place)?.getState().term === term);
}

/** The five of them in one term; false if that was not to be. */
async function startConcurrently(lab: LabConfiguration, leader: number): Promise<boolean> {
  const { servers, starts } = LAB_2.TestConcurrentStarts2B;
  const first = lab.raft(leader)?.start('1');
  if (!first?.isLeader) return false;
  const commands = Array.from({ length: starts }, (_, i) => String(100 + i));
  const started = await Promise.all(commands.map(async (each) => lab.raft(leader)?.start(each)));
  const accepted = started.filter((each) => each?.isLeader && each.term === first.term);
  if (!allAreInTerm(lab, first.term)) return false;
  const committed = new Set<string | null>();
  for (const each of accepted) {
    const command = await lab.wait(each?.index ?? 0, servers, first.term);
    if (command === MOVED_ON) return false;
    committed.add(command);
  }
  for (const command of commands) claim(committed.has(command), `${command} is not committed`);
  return true;
}

/** Whether the agreements went through in one term; the calls they took are within the bound. */
async function countAgreements(lab: LabConfiguration, leader: number): Promise<boolean> {
  const { servers, commands, agreementCallsMax } = LAB_2.TestCount2B;
  const before = lab.arrivedTotal;
  const first = lab.raft(leader)?.start('1');
  if (!first?.isLeader) return false;
  const sent = Array.from({ length: commands + 1 }, () => lab.anyCommand());
  for (const [i, command] of sent.entries()) {
    const started = lab.raft(leader)?.start(command);
    if (!started?.isLeader || started.term !== first.term) return false;
    const expected = first.index + 1 + i;
    claim(started.index === expected, `Start gives index ${started.index}, not ${expected}`);
  }
  for (const [i, command] of sent.slice(0, commands).entries()) {
    const index = first.index + 1 + i;
    const found = await lab.wait(index, servers, first.term);
    if (found === MOVED_ON) return false;
    claim(found === command, `wrong value ${found} at index ${index}, expected ${command}`);
  }
  if (!allAreInTerm(lab, first.term)) return false;
  const calls = lab.arrivedTotal - before;
  claim(
    calls <= agreementCallsMax,
    `too many calls for ${commands + 2} entries: ${calls}, and ${agreementCallsMax} may be`,
  );
  return true;
}

async function startMany(lab: LabConfiguration, place: number): Promise<void> {
  const { commands, pauseMs } = LAB_2.TestBackup2B;
  for (let i = 0; i < commands; i += 1) lab.raft(place)?.start(lab.anyCommand());
  await lab.sleep(pauseMs);
}

async function agreeMany(lab: LabConfiguration, expectedServers: number): Promise<void> {
  const { commands } = LAB_2.TestBackup2B;
  for (let i = 0; i < commands; i += 1) await lab.one(lab.anyCommand(), expectedServers, true);
}

/** The servers with wrong entries come back: none takes a round per entry until the agreement. */
async function repair(
  lab: LabConfiguration,
  places: readonly number[],
  expectedServers: number,
): Promise<void> {
  const { roundsMax } = LAB_2.TestBackup2B;
  const before = places.map((place) => lab.arrivedAt(place));
  lab.connect(...places);
  await lab.one(lab.anyCommand(), expectedServers, true);
  for (const [i, place] of places.entries()) {
    const rounds = lab.arrivedAt(place) - (before[i] ?? 0);
    claim(
      rounds <= roundsMax,
      `server ${place % lab.count} is backed up too slowly: ${rounds} requests, and ${roundsMax} may be`,
    );
  }
}

export const lab2BEconomy: readonly CourseTest[] = [
  courseTest(
    'TestRPCBytes2B',
    LAB_2.TestRPCBytes2B,
    async (lab, { servers, commands, commandBytes, overheadBytesMax }) => {
      await lab.one('99', servers, false);
      const before = lab.network.bytesTotal;
      for (let index = 2; index < commands + 2; index += 1) {
        const digits = Math.ceil(commandBytes / 10);
        const words = Array.from({ length: digits }, () => `${lab.random.next()}`.slice(2, 12));
        const command = words.join('').padEnd(commandBytes, 'x').slice(0, commandBytes);
        const got = await lab.one(command, servers, false);
        claim(got === index, `got index ${got}, expected ${index}`);
      }
      const bytes = lab.network.bytesTotal - before;
      const bytesMax = servers * commands * commandBytes + overheadBytesMax;
      claim(bytes <= bytesMax, `too many bytes on the wire: ${bytes}, and ${bytesMax} may be`);
    },
  ),

  courseTest('TestConcurrentStarts2B', LAB_2.TestConcurrentStarts2B, (lab, bounds) =>
    inOneTerm(lab, bounds, (leader) => startConcurrently(lab, leader)),
  ),

  courseTest('TestBackup2B', LAB_2.TestBackup2B, async (lab, { servers }) => {
    const majority = 3;
    await lab.one(lab.anyCommand(), servers, true);
    // Fifty that the first leader and one follower will never commit.
    const first = await lab.checkOneLeader();
    lab.disconnect(first + 2, first + 3, first + 4);
    await startMany(lab, first);
    lab.disconnect(first, first + 1);
    // Fifty that the others do, and then fifty more that their leader cannot.
    lab.connect(first + 2, first + 3, first + 4);
    await agreeMany(lab, majority);
    const second = await lab.checkOneLeader();
    const other = (first + 2) % servers === second ? second + 1 : first + 2;
    lab.disconnect(other);
    await startMany(lab, second);
    // The first two come back, with one who knows better.
    lab.disconnect(...lab.places);
    await repair(lab, [first, first + 1, other], majority);
    await agreeMany(lab, majority);
    await repair(lab, lab.places, servers);
  }),

  courseTest('TestCount2B', LAB_2.TestCount2B, async (lab, bounds) => {
    const { electionCallsMin, electionCallsMax, idleMs, idleCallsMax } = bounds;
    await lab.checkOneLeader();
    const election = lab.arrivedTotal;
    claim(
      election >= electionCallsMin && election <= electionCallsMax,
      `${election} calls to elect a leader, and ${electionCallsMax} may be`,
    );
    await inOneTerm(lab, bounds, (leader) => countAgreements(lab, leader));
    const before = lab.arrivedTotal;
    await lab.sleep(idleMs);
    const idle = lab.arrivedTotal - before;
    claim(idle <= idleCallsMax, `${idle} calls in a second of idleness, ${idleCallsMax} may be`);
  }),
];
