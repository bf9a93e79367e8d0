/** Lab 2C, persistence (§5.1; Figure 2, "State"): crashes in turn, and a lossy network. */
import { LAB_2 } from './bounds-lab-2.ts';
import { type CourseTest, claim } from './course-test.ts';
import { courseTest } from './define.ts';

export const lab2C: readonly CourseTest[] = [
  courseTest('TestPersist12C', LAB_2.TestPersist12C, async (lab, { servers }) => {
    await lab.one('11', servers, true);
    for (const place of lab.places) lab.start(place);
    lab.connect(...lab.places);
    await lab.one('12', servers, true);

    const first = await lab.checkOneLeader();
    lab.start(first);
    lab.connect(first);
    await lab.one('13', servers, true);

    const second = await lab.checkOneLeader();
    lab.disconnect(second);
    await lab.one('14', servers - 1, true);
    lab.start(second);
    lab.connect(second);
    await lab.wait(4, servers);

    const follower = (await lab.checkOneLeader()) + 1;
    lab.disconnect(follower);
    await lab.one('15', servers - 1, true);
    lab.start(follower);
    lab.connect(follower);
    await lab.one('16', servers, true);
  }),

  courseTest('TestPersist22C', LAB_2.TestPersist22C, async (lab, { servers, rounds, pauseMs }) => {
    let index = 0;
    const agree = async (expectedServers: number) => {
      index += 1;
      const got = await lab.one(String(10 + index), expectedServers, true);
      claim(got === index, `got index ${got}, expected ${index}`);
    };
    for (let round = 0; round < rounds; round += 1) {
      await agree(servers);
      const leader = await lab.checkOneLeader();
      lab.disconnect(leader + 1, leader + 2);
      await agree(servers - 2);
      lab.disconnect(leader, leader + 3, leader + 4);
      for (const place of [leader + 1, leader + 2]) lab.start(place);
      lab.connect(leader + 1, leader + 2);
      await lab.sleep(pauseMs);
      lab.start(leader + 3);
      lab.connect(leader + 3);
      await agree(servers - 2);
      lab.connect(leader + 4, leader);
    }
    await lab.one('1000', servers, true);
  }),

  courseTest('TestPersist32C', LAB_2.TestPersist32C, async (lab, { servers }) => {
    await lab.one('101', servers, true);
    const leader = await lab.checkOneLeader();
    lab.disconnect(leader + 2);
    await lab.one('102', servers - 1, true);
    lab.crash(leader);
    lab.crash(leader + 1);
    lab.connect(leader + 2);
    lab.start(leader);
    lab.connect(leader);
    await lab.one('103', servers - 1, true);
    lab.start(leader + 1);
    lab.connect(leader + 1);
    await lab.one('104', servers, true);
  }),

  courseTest(
    'TestUnreliableAgree2C',
    LAB_2.TestUnreliableAgree2C,
    async (lab, { servers, rounds, concurrent }) => {
      const agreements: Promise<number>[] = [];
      for (let round = 1; round <= rounds; round += 1) {
        for (let i = 0; i < concurrent; i += 1) {
          agreements.push(lab.one(String(100 * round + i), 1, true));
        }
        await lab.one(String(round), 1, true);
      }
      lab.network.isReliable = true;
      await Promise.all(agreements);
      await lab.one('100', servers, true);
    },
    { isUnreliable: true },
  ),
];
