/**
 * The end of a turn: resolves when every microtask has run, however many they start.
 *
 * Servers keep promises beside timers. Virtual time may go on only when nothing is left to do at the
 * present instant, and only a macrotask comes after all microtasks; a fixed number of `await`s would
 * be a guess. It costs about a microsecond.
 */
export const drainMicrotasks: () => Promise<void> =
  typeof globalThis.setImmediate === 'function' ? byImmediate : byMessage();

function byImmediate(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
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
