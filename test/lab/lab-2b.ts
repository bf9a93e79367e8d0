/** Lab 2B, log replication (§5.3): agreement with and without a majority, and after a partition. */
import { LAB_2 } from './bounds-lab-2.ts';
import { type CourseTest, claim } from './course-test.ts';
import { courseTest } from './define.ts';

export const lab2B: readonly CourseTest[] = [
  courseTest('TestBasicAgree2B', LAB_2.TestBasicAgree2B, async (lab, { servers, commands }) => {
    for (let index = 1; index <= commands; index += 1) {
      const count = lab.committedCount(index);
      claim(count === 0, `index ${index} is committed on ${count} servers before Start()`);
      const got = await lab.one(String(index * 100), servers, false);
      claim(got === index, `got index ${got}, expected ${index}`);
    }
  }),

  courseTest(
    'TestFollowerFailure2B',
    LAB_2.TestFollowerFailure2B,
    async (lab, { servers, pauseMs, noQuorumMs, lastIndex }) => {
      await lab.one('101', servers, false);
      const first = await lab.checkOneLeader();
      lab.disconnect(first + 1);
      await lab.one('102', servers - 1, false);
      await lab.sleep(pauseMs);
      await lab.one('103', servers - 1, false);
      const second = await lab.checkOneLeader();
      lab.disconnect(second + 1, second + 2);
      lab.checkStart(second, '104', lastIndex);
      await lab.sleep(noQuorumMs);
      lab.checkNotCommitted(lastIndex);
    },
  ),

  courseTest(
    'TestLeaderFailure2B',
    LAB_2.TestLeaderFailure2B,
    async (lab, { servers, pauseMs, noQuorumMs, lastIndex }) => {
      await lab.one('101', servers, false);
      lab.disconnect(await lab.checkOneLeader());
      await lab.one('102', servers - 1, false);
      await lab.sleep(pauseMs);
      await lab.one('103', servers - 1, false);
      lab.disconnect(await lab.checkOneLeader());
      for (const place of lab.places) lab.raft(place)?.start('104');
      await lab.sleep(noQuorumMs);
      lab.checkNotCommitted(lastIndex);
    },
  ),

  courseTest('TestFailAgree2B', LAB_2.TestFailAgree2B, async (lab, { servers, pauseMs }) => {
    await lab.one('101', servers, false);
    const away = (await lab.checkOneLeader()) + 1;
    lab.disconnect(away);
    for (const command of ['102', '103']) await lab.one(command, servers - 1, false);
    await lab.sleep(pauseMs);
    for (const command of ['104', '105']) await lab.one(command, servers - 1, false);
    lab.connect(away);
    await lab.one('106', servers, true);
    await lab.sleep(pauseMs);
    await lab.one('107', servers, true);
  }),

  courseTest(
    'TestFailNoAgree2B',
    LAB_2.TestFailNoAgree2B,
    async (lab, { servers, noQuorumMs, index, healedIndexMax }) => {
      await lab.one('10', servers, false);
      const leader = await lab.checkOneLeader();
      lab.disconnect(leader + 1, leader + 2, leader + 3);
      lab.checkStart(leader, '20', index);
      await lab.sleep(noQuorumMs);
      lab.checkNotCommitted(index);
      lab.connect(leader + 1, leader + 2, leader + 3);
      // The majority may have chosen from among its own, and forgotten the uncommitted entry.
      lab.checkStart(await lab.checkOneLeader(), '30', index, healedIndexMax);
      await lab.one('1000', servers, true);
    },
  ),

  courseTest('TestRejoin2B', LAB_2.TestRejoin2B, async (lab, { servers, uncommitted }) => {
    await lab.one('101', servers, true);
    const first = await lab.checkOneLeader();
    lab.disconnect(first);
    for (let i = 0; i < uncommitted; i += 1) lab.raft(first)?.start(String(102 + i));
    await lab.one('103', servers - 1, true);
    const second = await lab.checkOneLeader();
    lab.disconnect(second);
    lab.connect(first);
    await lab.one('104', servers - 1, true);
    lab.connect(second);
    await lab.one('105', servers, true);
  }),
];
