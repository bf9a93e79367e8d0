/** The door `statecraft/interpreter`: machines of your own, run as fast as the servers' are. */
export { compiled, type InterpreterName } from './interpreter.ts';
