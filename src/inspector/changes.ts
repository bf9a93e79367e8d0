/** Which parts of a value differ from those of another: what a context tree marks as changed. */

/** The paths of what differs, keys joined by `/` as JSON Pointers are, parents included. */
export function changedPaths(before: unknown, after: unknown): ReadonlySet<string> {
  const paths = new Set<string>();
  compare(before, after, '', paths);
  return paths;
}

function compare(before: unknown, after: unknown, path: string, paths: Set<string>): boolean {
  if (Object.is(before, after)) return false;
  if (!isTree(before) || !isTree(after) || Array.isArray(before) !== Array.isArray(after)) {
    paths.add(path);
    return true;
  }
  let differs = Object.keys(before).some((key) => !Object.hasOwn(after, key));
  for (const [key, value] of Object.entries(after)) {
    const had = Object.hasOwn(before, key) ? before[key] : undefined;
    const isNew = !Object.hasOwn(before, key);
    if (isNew) paths.add(pointerTo(path, key));
    if (isNew || compare(had, value, pointerTo(path, key), paths)) differs = true;
  }
  if (differs) paths.add(path);
  return differs;
}

type Tree = Readonly<Record<string, unknown>>;

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null;
}

export function pointerTo(parent: string, key: string): string {
  return `${parent}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
