/** The key/value store under random faults, used by the real client over the rules of the service. */
import type { ServerMachine } from '../../machines/server.ts';
import { keyValue } from '../../src/kv/index.ts';
import type {
  KeyValueAnswer,
  KeyValueCommand,
  KeyValueQuery,
  KeyValueResult,
} from '../../src/kv/vocabulary.ts';
import { drawPlan } from '../../src/simulation/search/draw.ts';
import type { Plan } from '../../src/simulation/search/plan.ts';
import * as running from '../../src/simulation/search/run.ts';
import { parsePlan, printPlan } from '../../src/simulation/search/script.ts';
import type { Subject } from '../../src/simulation/search/subject.ts';
import { drawCalls, type KeyValueCall, parseCall, printCall } from './calls.ts';
import { KeyValueClients } from './clients.ts';

export type KeyValueSubject = Subject<
  KeyValueCommand,
  KeyValueResult,
  KeyValueQuery,
  KeyValueAnswer,
  KeyValueCall
>;

export function keyValueSubject(machine?: ServerMachine): KeyValueSubject {
  return {
    stateMachine: keyValue,
    clients: {
      draw: drawCalls,
      print: printCall,
      parse: parseCall,
      connect: (context) => new KeyValueClients(context),
    },
    ...(machine === undefined ? {} : { machine }),
  };
}

const { clients } = keyValueSubject();

export const draw = (seed: number): Plan<KeyValueCall> => drawPlan(seed, keyValueSubject());
export const parse = (text: string): Plan<KeyValueCall> => parsePlan(text, clients);
export const print = (plan: Plan<KeyValueCall>): string => printPlan(plan, clients);
export const run = (plan: Plan<KeyValueCall>, machine?: ServerMachine) =>
  running.runPlan(plan, keyValueSubject(machine));
