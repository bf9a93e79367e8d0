/** Values that are shown only for a while, or only once they have settled. */
import { type Signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

/** Set for a while, unless it is set to something else meanwhile. */
export function setFor<Value>(target: Signal<Value | null>, value: Value, ms: number): void {
  target.value = value;
  setTimeout(() => {
    if (target.value === value) target.value = null;
  }, ms);
}

/** The value once it has not changed for so long: announcing it more often would be no help. */
export function useSettled<Value>(value: Value, ms: number, first = value): Value {
  const settled = useSignal(first);
  useEffect(() => {
    const timeout = setTimeout(() => {
      settled.value = value;
    }, ms);
    return () => clearTimeout(timeout);
  }, [value]);
  return settled.value;
}
