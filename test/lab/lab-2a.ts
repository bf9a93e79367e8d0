/** Lab 2A, leader election (§5.2). */
import { LAB_2 } from './bounds-lab-2.ts';
import { type CourseTest, claim } from './course-test.ts';
import { courseTest } from './define.ts';

export const lab2A: readonly CourseTest[] = [
  courseTest(
    'TestInitialElection2A',
    LAB_2.TestInitialElection2A,
    async (lab, { settleMs, termMin, quietMs }) => {
      await lab.checkOneLeader();
      await lab.sleep(settleMs);
      const term = lab.checkTerms();
      claim(term >= termMin, `the term is ${term}, but should be at least ${termMin}`);
      await lab.sleep(quietMs);
      lab.checkTerms();
      await lab.checkOneLeader();
    },
  ),

  courseTest('TestReElection2A', LAB_2.TestReElection2A, async (lab, { noQuorumMs }) => {
    const first = await lab.checkOneLeader();
    lab.disconnect(first);
    await lab.checkOneLeader();
    lab.connect(first);
    const second = await lab.checkOneLeader();
    lab.disconnect(second, second + 1);
    await lab.sleep(noQuorumMs);
    lab.checkNoLeader();
    lab.connect(second + 1);
    await lab.checkOneLeader();
    lab.connect(second);
    await lab.checkOneLeader();
  }),

  courseTest(
    'TestManyElections2A',
    LAB_2.TestManyElections2A,
    async (lab, { servers, rounds, cut }) => {
      await lab.checkOneLeader();
      for (let round = 0; round < rounds; round += 1) {
        const chosen = Array.from({ length: cut }, () => lab.random.below(servers));
        lab.disconnect(...chosen);
        await lab.checkOneLeader();
        lab.connect(...chosen);
      }
      await lab.checkOneLeader();
    },
  ),
];
