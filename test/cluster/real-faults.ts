/**
 * What happens to real servers, each by itself: what was acknowledged survives it, nothing happens
 * twice, and no read is from the past (§5.1, §5.4.3, §8). A fault leaves nothing behind that
 * `heal` does not put right.
 */
import type { SeededRandom } from '../../src/simulation/random.ts';
import { cutOneDirection, delayMessages, loseMessages } from './faults/between-servers.ts';
import { breakDisks, fillDisk } from './faults/disks.ts';
import { flipBits } from './faults/flipped-bits.ts';
import { killAllAtOnce, killAtRandomMoments } from './faults/kills.ts';
import { majorityStandsStill, pauseLeader, pauseUntilSnapshot } from './faults/pauses.ts';
import type { Load } from './load.ts';
import type { ServerProcesses } from './server-processes.ts';

export type Fault = (cluster: ServerProcesses, load: Load, random: SeededRandom) => Promise<void>;

export const REAL_FAULTS: Readonly<Record<string, Fault>> = {
  'kill -9 of the leader ten times, and of followers, at random moments': killAtRandomMoments,
  'all killed at one instant': killAllAtOnce,
  'a leader that stood still while another wrote, and is asked at once': pauseLeader,
  'two of three stand still': majorityStandsStill,
  'a follower that was away until it needs a snapshot': pauseUntilSnapshot,
  'a disk that is full': fillDisk,
  'a disk that refuses every write, and one that refuses every sync': breakDisks,
  'a flipped bit in each kind of file': flipBits,
  'bytes between servers are lost': loseMessages,
  'bytes between servers are late': delayMessages,
  'one direction between servers is cut': cutOneDirection,
};
