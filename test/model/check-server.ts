/** Holds every step of a path against what must be true of a server. */

import type { Effect, Send } from '../../machines/rules/effects.ts';
import type { ServerState } from '../../machines/rules/state.ts';
import { roleOf } from '../../machines/server.ts';
import { PROMISE_RULES } from './promise-rules.ts';
import { messageTo, ServerAccount } from './server-account.ts';
import { type Moment, PAPER_RULES } from './server-rules.ts';
import type { Step } from './step.ts';
import type { Wrong } from './walk.ts';

const RULES = Object.entries({ ...PAPER_RULES, ...PROMISE_RULES });

/** The first step that breaks a rule, if any. */
export function checkServer(steps: readonly Step<ServerState>[]): Wrong | null {
  let [before] = steps;
  if (before === undefined) return null;
  const account = new ServerAccount(before.context);
  for (const [at, step] of steps.entries()) {
    // A server that stops itself says nothing any more; that it does is for another test to expect.
    if (at === 0 || step.error !== null) continue;
    account.hear(before, step);
    const moment = momentOf(before, step, account);
    account.note(before, step, [...moment.effects]);
    const broken = RULES.find(([, holds]) => !holds(moment));
    if (broken !== undefined) return { at, because: `a step breaks a rule: ${broken[0]}` };
    before = step;
  }
  return null;
}

function momentOf(
  before: Step<ServerState>,
  step: Step<ServerState>,
  account: ServerAccount,
): Moment {
  const effects = step.said.filter(({ to }) => to === 'out').map(({ event }) => event as Effect);
  return {
    before,
    step,
    was: before.context,
    is: step.context,
    roleBefore: roleOf(before),
    role: roleOf(step),
    message: messageTo(step.context, step.event),
    effects,
    sends: effects.filter((effect): effect is Send => effect.type === 'send'),
    account,
    lastAcknowledgedRequest: account.lastAcknowledgedRequest,
  };
}
