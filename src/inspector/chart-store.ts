/**
 * Names and charts of the user's own machines. A chart is laid out in the background when a page first
 * meets an actor of the machine, and sent when it is ready.
 */
import type { AnyStateMachine } from 'xstate';
import { chartOf } from '../diagram/chart.ts';
import type { ChartRecord, Readable } from './protocol.ts';

interface Machine {
  readonly name: string;
  /** Null when it cannot be drawn: its states are shown by their names then. */
  readonly chart: Promise<Readable | null>;
}

export class ChartStore {
  readonly #machines = new WeakMap<object, Machine>();
  readonly #names = new Set<string>();

  /** Of two machines with one id the second has a number. '' if it is not a machine. */
  nameOf(logic: unknown, tell: (record: ChartRecord) => void): string {
    if (!isMachine(logic)) return '';
    // The same for all that `provide` makes of a machine.
    let machine = this.#machines.get(logic.config);
    if (machine === undefined) {
      machine = { name: this.#newName(logic.root.machine.id), chart: pictureOf(logic) };
      this.#machines.set(logic.config, machine);
    }
    const { name } = machine;
    void machine.chart.then((chart) => {
      if (chart !== null) tell({ type: 'chart', machine: name, chart });
    });
    return name;
  }

  #newName(id: string): string {
    let name = id;
    for (let number = 2; this.#names.has(name); number += 1) name = `${id} (${number})`;
    this.#names.add(name);
    return name;
  }
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
