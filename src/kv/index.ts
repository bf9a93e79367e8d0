/** The door `statecraft/kv`: the replicated key/value state machine. Runs in browsers too. */
export { type KeyValueStateMachine, keyValue } from './key-value.ts';
export { decodeText, encodeText, isKey, isWellFormed } from './keys.ts';
export {
  type KeyState,
  keyValueModel,
  type Observed,
  type ObservedInput,
} from './sequential-model.ts';
export * from './vocabulary.ts';
