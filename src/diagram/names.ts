/** What guards and actions are called in a picture: by their names, or by what stands for code. */

/** What stands for a guard or an action that was given as a function without a name. */
export const INLINE = '(inline)';

/** XState's own actions that are part of a chart by what they do: `(raise)`, `(assign)`. */
const BUILT_IN = /^xstate\.(\w+)$/;

/** What functions are called after the place they stand in, or for want of a name. */
const PLACES = ['', 'guard', 'actions', 'entry', 'exit', 'default', 'anonymous'];

export function actionNamesOf(actions: readonly unknown[]): readonly string[] {
  return actions.filter((action) => !keepsTime(action)).map(actionNameOf);
}

/** For each of those names what the action is given, as far as the chart says it. */
export function actionParamsOf(actions: readonly unknown[]): readonly string[] {
  return actions.filter((action) => !keepsTime(action)).map(paramsOf);
}

/** The same for a guard; for combined ones all of it. */
export function guardParamsOf(guard: unknown): string {
  const { guards } = (guard ?? {}) as Partial<Combined>;
  if (!Array.isArray(guards)) return paramsOf(guard);
  return guards.map(guardParamsOf).filter(Boolean).join('; ');
}

/** `amount: 10, unit: "EUR"`; nothing where it is computed. */
function paramsOf(named: unknown): string {
  if (typeof named !== 'object' || named === null) return '';
  const { params } = named as { params?: unknown };
  if (params === undefined || typeof params === 'function') return '';
  if (typeof params !== 'object' || params === null || Array.isArray(params)) {
    return wordFor(params);
  }
  return Object.entries(params)
    .map(([key, value]) => `${key}: ${wordFor(value)}`)
    .join(', ');
}

/** In a word: whoever wants to see all of it has the code. */
function wordFor(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (Array.isArray(value)) return '[…]';
  if (typeof value === 'function') return ownNameOf(value);
  return typeof value === 'object' && value !== null ? '{…}' : String(value);
}

/** Empty for none; combined guards are written out: `not isOpen`, `(isOpen and isLit)`. */
export function guardNameOf(guard: unknown): string {
  if (guard === undefined || guard === null) return '';
  const name = givenNameOf(guard);
  if (name !== null) return name;
  if (typeof guard !== 'function') return INLINE;
  const { name: operator, guards, stateValue } = guard as Partial<Combined> & { name: string };
  if (operator === 'stateIn' && stateValue !== undefined) return `in ${placeOf(stateValue)}`;
  if (!Array.isArray(guards)) return ownNameOf(guard);
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
  if (name === null) return ownNameOf(action);
  const [, builtIn] = BUILT_IN.exec(name) ?? [];
  return builtIn === undefined ? name : `(${builtIn})`;
}

/** The name its author gave a function. */
function ownNameOf(code: unknown): string {
  return typeof code !== 'function' || PLACES.includes(code.name) ? INLINE : code.name;
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
