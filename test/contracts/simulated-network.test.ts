/** The transport contract, kept by the simulated network in virtual time. */
import { SimulatedNetwork } from '#simulation/network';
import { ServerProcess } from '#simulation/process';
import { SeededRandom } from '#simulation/random';
import { endOfTurn } from '#simulation/turn';
import { VirtualClock } from '#simulation/virtual-clock';
import { transportContract } from '#testing/transport-contract';

const nothing = () => undefined;
const NOBODY = { onSend: nothing, onArrival: nothing, onLanding: nothing };

transportContract('the simulated network', async () => {
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
    await endOfTurn();
    while (!isSettled && clock.fireNext()) await endOfTurn();
    return promise;
  };
  return {
    make: (id) => network.transport(id, new ServerProcess(clock)),
    run,
    dispose: () => undefined,
  };
});
