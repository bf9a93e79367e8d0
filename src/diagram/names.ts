/** What guards and actions are called in a picture: by their names, or by what stands for code. */

/** What stands for a guard or an action that was given as a function instead of by its name. */
export const INLINE = '(inline)';

/** XState's own actions that are part of a chart by what they do: `(raise)`, `(assign)`. */
const BUILT_IN = /^xstate\.(\w+)$/;

export function actionNamesOf(actions: readonly unknown[]): readonly string[] {
  return actions.filter((action) => !keepsTime(action)).map(actionNameOf);
}

/** Empty for none; combined guards are written out: `not isOpen`, `(isOpen and isLit)`. */
export function guardNameOf(guard: unknown): string {
  if (guard === undefined || guard === null) return '';
  const name = givenNameOf(guard);
  if (name !== null) return name;
  if (typeof guard !== 'function') return INLINE;
  const { name: operator, guards, stateValue } = guard as Partial<Combined> & { name: string };
  if (operator === 'stateIn' && stateValue !== undefined) return `in ${placeOf(stateValue)}`;
  if (!Array.isArray(guards)) return INLINE;
  const names = guards.map(guardNameOf);
  return operator === 'not' ? `not ${names[0]}` : `(${names.join(` ${operator} `)})`;
}

/** What XState's `and`, `or`, `not` and `stateIn` leave on the functions they make. */
interface Combined {
  readonly guards: readonly unknown[];
  readonly stateValue: unknown;
}

function actionNameOf(action: unknown): string {
  const name = givenNameOf(action);
  if (name === null) return INLINE;
  const [, builtIn] = BUILT_IN.exec(name) ?? [];
  return builtIn === undefined ? name : `(${builtIn})`;
}

function givenNameOf(named: unknown): string | null {
  if (typeof named === 'string') return named;
  const { type } = named as { type?: unknown };
  return typeof type === 'string' ? type : null;
}

function placeOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** XState's own actions, which keep the time of `after`, are no part of the chart. */
function keepsTime(action: unknown): boolean {
  const { id, sendId } = action as { id?: unknown; sendId?: unknown };
  return [id, sendId].some((name) => typeof name === 'string' && name.startsWith('xstate.after.'));
}
