/** Makes a test of the course from its name, its numbers and what it does. */
import { COURSE } from './bounds-lab-2.ts';
import { LabConfiguration } from './configuration.ts';
import { CourseFailure, type CourseTest, claim } from './course-test.ts';
import type { LabSetup } from './lab-cluster.ts';

type Bounds = Readonly<Record<string, number>> & { readonly servers: number };
type Body<Own extends Bounds> = (lab: LabConfiguration, bounds: Own) => Promise<void>;

export function courseTest<Own extends Bounds>(
  name: string,
  bounds: Own,
  body: Body<Own>,
  setup: Pick<LabSetup, 'isUnreliable' | 'takesSnapshots'> = {},
): CourseTest {
  return {
    name,
    bounds,
    run: async (seed, options = {}) => {
      const lab = new LabConfiguration({ ...options, ...setup, servers: bounds.servers, seed });
      const begun = lab.time.now();
      try {
        await lab.time.settle(body(lab, bounds));
        checkTimeout(lab, begun);
        const { callsTotal: calls, bytesTotal: bytes } = lab.network;
        return { agreements: lab.logs.highestIndex, calls, bytes };
      } catch (error) {
        throw placed(error, `${name} · seed ${seed}, at ${lab.time.now()} ms`);
      } finally {
        lab.stopAll();
      }
    },
  };
}

function checkTimeout(lab: LabConfiguration, begun: number): void {
  const { wholeTestMs } = COURSE;
  const tookMs = lab.time.now() - begun;
  claim(tookMs <= wholeTestMs, `the test took ${tookMs} ms, longer than ${wholeTestMs} ms`);
}

/** A failed claim keeps its kind; a bug in a server is told apart from it. */
function placed(error: unknown, where: string): Error {
  const message = `${where}: ${error instanceof Error ? error.message : String(error)}`;
  if (error instanceof CourseFailure) return new CourseFailure(message, { cause: error });
  return new Error(message, { cause: error });
}
