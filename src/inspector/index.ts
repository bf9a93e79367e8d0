/** The door `statecraft/inspector`: watch any XState actors in a browser, and read what was recorded. */
export { type InspectServer, type InspectServerOptions, inspectServer } from './inspect-server.ts';
export type {
  ActorRecord,
  ChartRecord,
  DroppedRecord,
  EndedRecord,
  FailedRecord,
  HelloRecord,
  InspectionRecord,
  PongRecord,
  Readable,
  ReadableFields,
  StateRecord,
  StateValue,
  StoppedRecord,
  TransitionRecord,
} from './protocol.ts';
export {
  readTrace,
  TraceError,
  type TraceFile,
  type TraceLine,
  writeTrace,
} from './trace.ts';
