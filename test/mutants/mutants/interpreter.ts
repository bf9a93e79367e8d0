/** Rules of statecharts, in the interpreter (SCXML; ours where XState decides otherwise). */
import { mutantsOf, type Place } from '../rows.ts';

const test = 'test/interpreter/differential.test.ts';
const at = (name: string): Place => ({ file: `src/interpreter/${name}.ts`, test });
const section = 'SCXML, appendix D';

export const interpreted = [
  ...mutantsOf(at('entry-and-exit'), [
    {
      id: 'exits-from-outside-in',
      rule: 'The innermost state is left first.',
      section,
      find: 'other.order - one.order',
      replace: 'one.order - other.order',
    },
    {
      id: 'enters-from-inside-out',
      rule: 'The outermost state is entered first.',
      section,
      find: 'one.order - other.order',
      replace: 'other.order - one.order',
    },
    {
      id: 'every-target-is-left',
      rule: 'A transition into its own source leaves that only when it says `reenter`.',
      section,
      find: 'if (!reenter && isWithin) return source;',
      replace: '',
    },
    {
      id: 'rivals-are-all-taken',
      rule: 'Of two transitions that leave the same state only one is taken.',
      section,
      find: 'if (isPreempted) continue;',
      replace: '',
    },
    {
      id: 'outer-rival-wins',
      rule: 'Of two transitions that leave the same state the inner one is taken.',
      section,
      find: 'isPreempted = !isBelow(transition.source, rival.source);',
      replace: 'isPreempted = true;',
    },
    {
      id: 'history-is-not-recalled',
      rule: 'A history state leads to what was active before.',
      section,
      find: 'return history[node.id] ?? targetsOf(defaultOf(node), history);',
      replace: 'return targetsOf(defaultOf(node), history);',
    },
    {
      id: 'regions-are-forgotten',
      rule: 'With a parallel state all of its regions are entered.',
      section,
      find: "if (ancestor.type !== 'parallel') continue;",
      replace: "if (ancestor.type === 'parallel') continue;",
    },
  ]),
  ...mutantsOf(at('steps'), [
    {
      id: 'history-is-shallow',
      rule: 'Deep history recalls the innermost states.',
      section,
      find: "node.history === 'deep' ?",
      replace: "node.history !== 'deep' ?",
    },
    {
      id: 'initial-actions-are-skipped',
      rule: 'Initial actions run when a state is entered by default.',
      section,
      find: '...(byDefault.has(node) ? node.initial.actions : []),',
      replace: '',
    },
    {
      id: 'parallel-is-never-done',
      rule: 'A parallel state is done when all of its regions are.',
      section,
      find: 'done.push({ id: at.id, output: undefined });',
      replace: '',
    },
    {
      id: 'done-runs-no-exits',
      rule: 'A machine that is done leaves all of its states.',
      section,
      find: 'if (isDone) {',
      replace: 'if (isDone && nodes.size === 0) {',
    },
  ]),
  ...mutantsOf(at('configuration'), [
    {
      id: 'outer-transition-wins',
      rule: "A state's own transition comes before those of the states around it.",
      section,
      find: '[...only.candidates, ...own]',
      replace: '[...own, ...only.candidates]',
    },
    {
      id: 'short-wildcard-wins',
      rule: 'The longest wildcard comes first.',
      section: 'ours: as XState',
      find: 'other.length - one.length',
      replace: 'one.length - other.length',
    },
    {
      id: 'steps-with-history-are-remembered',
      rule: 'A step that history decides is worked out each time.',
      section: 'ours',
      find: 'this.areStepsRemembered = !hasHistory(machine.root);',
      replace: 'this.areStepsRemembered = hasHistory(machine.root) || true;',
    },
  ]),
  ...mutantsOf(at('interpreter'), [
    {
      id: 'raised-before-eventless',
      rule: 'Eventless transitions come before raised events.',
      section,
      find: 'const eventless = isStable ? null :',
      replace: 'const eventless = isStable || step.queue.length > 0 ? null :',
    },
    {
      id: 'children-outlive-their-machine',
      rule: 'A machine that is done stops its children.',
      section,
      find: "if (step.status !== 'active') stopChildren(step, event);",
      replace: '',
    },
    {
      id: 'internal-events-come-from-outside',
      rule: 'What only a machine itself may raise has no effect when it is sent.',
      section: 'design §4',
      find: 'if (internal.has(event.type)) return snapshot;',
      replace: '',
      test: 'test/interpreter/compiled.test.ts',
    },
  ]),
  ...mutantsOf(at('actions'), [
    {
      id: 'enqueued-actions-see-the-old-context',
      rule: 'Each action sees what those before it have assigned.',
      section: 'ours: as XState',
      find: 'step.assign(isWhole(changes, context) ? changes : { ...context, ...changes });',
      replace: 'step.assign({ ...step.snapshot.context, ...context });',
    },
    {
      id: 'part-of-a-context-is-all',
      rule: 'An assignment changes what it names, and nothing else.',
      section: 'ours: as XState',
      find: 'isWhole(changes, context) ? changes : { ...context, ...changes }',
      replace: 'changes',
      test: 'test/interpreter/compiled.test.ts',
    },
  ]),
];
