/** What processes have used, as Linux counts it. */
import { readdirSync, readFileSync } from 'node:fs';

/** Ticks of processor time in /proc are hundredths of a second on every Linux. */
const TICK_MICROS = 10_000;

export interface Usage {
  /** In user and kernel mode, in microseconds. */
  readonly processorMicros: number;
  readonly contextSwitches: number;
}

/** Of /proc/PID/stat. Its second field, the name in parentheses, may hold anything. */
export function processorMicros(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MICROS;
}

/** Of /proc/PID/task/TID/status: given up and taken away. */
export function contextSwitches(status: string): number {
  return [...status.matchAll(/ctxt_switches:\s+(\d+)/g)].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  );
}

/** Of /proc/PID/status, in MiB. */
export function residentMiB(status: string): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) / 1_024;
}

/** Of all these processes together, since they started. */
export function usageOf(pids: readonly number[]): Usage {
  const usages = pids.map((pid) => ({
    processorMicros: processorMicros(readFileSync(`/proc/${pid}/stat`, 'utf8')),
    contextSwitches: readdirSync(`/proc/${pid}/task`)
      .map((task) => contextSwitches(readFileSync(`/proc/${pid}/task/${task}/status`, 'utf8')))
      .reduce((sum, each) => sum + each, 0),
  }));
  return {
    processorMicros: usages.reduce((sum, usage) => sum + usage.processorMicros, 0),
    contextSwitches: usages.reduce((sum, usage) => sum + usage.contextSwitches, 0),
  };
}

export function residentOf(pids: readonly number[]): number[] {
  return pids.map((pid) => residentMiB(readFileSync(`/proc/${pid}/status`, 'utf8')));
}
