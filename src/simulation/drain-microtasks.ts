/**
 * The end of a turn: resolves when every microtask has run, however many they start.
 *
 * Servers keep promises beside timers. Virtual time may go on only when nothing is left to do at the
 * present instant, and only a macrotask comes after all microtasks; a fixed number of `await`s would
 * be a guess. It costs a fraction of a microsecond in Node, and more in browsers.
 */
export const drainMicrotasks: () => Promise<void> =
  typeof globalThis.setImmediate === 'function' ? byImmediates() : byMessage();

/** How many immediates are set at once: the event loop turns once for so many ends. */
const IMMEDIATES = 32;

/**
 * Node runs every microtask between two immediates of one turn of its event loop, and the turn is what
 * costs. So several are set at once, and each lets go on who has waited since the one before it.
 */
function byImmediates(): () => Promise<void> {
  let waiting: (() => void)[] = [];
  let left = 0;
  const letGoOn = () => {
    left -= 1;
    const resolves = waiting;
    waiting = [];
    for (const resolve of resolves) resolve();
  };
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      if (left > 0) return;
      left = IMMEDIATES;
      for (let count = 0; count < IMMEDIATES; count += 1) setImmediate(letGoOn);
    });
}

/** Browsers have no immediates; a message to oneself is the quickest macrotask they have. */
function byMessage(): () => Promise<void> {
  const { port1, port2 } = new MessageChannel();
  const waiting: (() => void)[] = [];
  Object.assign(port1, { onmessage: () => waiting.shift()?.() });
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      port2.postMessage(null);
    });
}
