/** The transport contract, kept by the simulated network in virtual time. */
import { describe, it } from 'vitest';
import { drainMicrotasks } from '../../src/simulation/drain-microtasks.ts';
import { SimulatedNetwork } from '../../src/simulation/network.ts';
import { ServerProcess } from '../../src/simulation/process.ts';
import { SeededRandom } from '../../src/simulation/random.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';
import { transportContract } from '../../src/testing/transport-contract.ts';

const nothing = () => undefined;
const NOBODY = { onSend: nothing, onArrival: nothing, onDeliveryEnd: nothing };

transportContract({ describe, it }, 'the simulated network', async () => {
  const clock = new VirtualClock();
  const network = new SimulatedNetwork({
    clock,
    random: new SeededRandom(1),
    latency: { minMs: 0.1, maxMs: 1 },
    areCrashesNoticed: true,
    observer: NOBODY,
  });
  const run = async <T>(promise: Promise<T>): Promise<T> => {
    let isSettled = false;
    const note = () => {
      isSettled = true;
    };
    promise.then(note, note);
    await drainMicrotasks();
    while (!isSettled && clock.fireNext()) await drainMicrotasks();
    return promise;
  };
  return {
    make: (id) => network.transport(id, new ServerProcess(clock)),
    run,
    dispose: () => undefined,
  };
});
