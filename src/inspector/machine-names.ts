/**
 * Names and charts of the user's own machines. A chart is laid out in the background when a page first
 * meets an actor of the machine, and sent when it is ready.
 */
import type { AnyStateMachine } from 'xstate';
import { chartOf } from '../diagram/chart.ts';
import type { InspectionSource } from './page-connection.ts';
import type { Readable } from './protocol.ts';

interface Machine {
  readonly name: string;
  /** Null when it cannot be drawn: its states are shown by their names then. */
  readonly chart: Promise<Readable | null>;
}

/** Of two machines with one id the second has a number. '' if it is not a machine. */
export function machineNames(): NonNullable<InspectionSource['nameOf']> {
  const machines = new WeakMap<object, Machine>();
  const names = new Set<string>();
  const newName = (id: string) => {
    let name = id;
    for (let number = 2; names.has(name); number += 1) name = `${id} (${number})`;
    names.add(name);
    return name;
  };
  return (logic, tell) => {
    if (!isMachine(logic)) return '';
    // The same for all that `provide` makes of a machine.
    const { config } = logic;
    const { name, chart } = machines.get(config) ?? {
      name: newName(logic.id),
      chart: pictureOf(logic),
    };
    machines.set(config, { name, chart });
    void chart.then((drawn) => {
      if (drawn !== null) tell({ type: 'chart', machine: name, chart: drawn });
    });
    return name;
  };
}

function isMachine(logic: unknown): logic is AnyStateMachine {
  if (typeof logic !== 'object' || logic === null) return false;
  const { config, root } = logic as { config?: unknown; root?: { transitions?: unknown } };
  return typeof config === 'object' && config !== null && root?.transitions instanceof Map;
}

async function pictureOf(machine: AnyStateMachine): Promise<Readable | null> {
  try {
    const { layOutChart: layOut } = await import('../diagram/layout.ts');
    return (await layOut(chartOf(machine))) as unknown as Readable;
  } catch {
    return null;
  }
}
