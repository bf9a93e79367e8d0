/**
 * Whether an answer says the same as another one, which may have come over a wire: what is compared
 * is what they hold, whatever it is made of. The order of properties and the class of a record do not
 * matter, nor does a property that is undefined; Maps and Sets are equal in any order.
 */

/** @throws TypeError for two objects of which nothing can be seen. */
export function areEqualOutputs(one: unknown, other: unknown): boolean {
  return areEqual(one, other, []);
}

/** The pairs around the one that is being compared: a cycle that comes back to one is no difference. */
type Around = readonly (readonly [object, object])[];

function areEqual(one: unknown, other: unknown, around: Around): boolean {
  if (Object.is(one, other)) return true;
  const [a, b] = [asShown(one), asShown(other)];
  if (!isObject(a) || !isObject(b)) return Object.is(a, b);
  if (kindOf(a) !== kindOf(b)) return false;
  const isKnown = around.some(([known, knownOther]) => known === a && knownOther === b);
  return isKnown || areEqualObjects(a, b, [...around, [a, b]]);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** A record that says what it is to JSON is that. */
function asShown(value: unknown): unknown {
  if (!isObject(value) || kindOf(value) !== 'record') return value;
  const { toJSON } = value as { readonly toJSON?: unknown };
  return typeof toJSON === 'function' ? toJSON.call(value) : value;
}

/** An array of bytes, and what a class made of arrays of bytes holds, are of one kind. */
function kindOf(value: object): string {
  const isBuiltin =
    Array.isArray(value) ||
    ArrayBuffer.isView(value) ||
    [ArrayBuffer, Date, Error, Map, Set].some((builtin) => value instanceof builtin);
  return isBuiltin ? Object.prototype.toString.call(value) : 'record';
}

/** Of one kind. */
function areEqualObjects<Kind extends object>(one: Kind, other: Kind, around: Around): boolean {
  if (one instanceof Date) return Object.is(one.getTime(), (other as typeof one).getTime());
  if (one instanceof Set || one instanceof Map) {
    return haveSame([...one], [...(other as typeof one)], around);
  }
  if (Array.isArray(one) || ArrayBuffer.isView(one) || one instanceof ArrayBuffer) {
    return areEqualLists(listOf(one), listOf(other), around);
  }
  if (!(one instanceof Error)) return areEqualRecords(one, other, around);
  const said = ({ name, message, cause }: Error) => [name, message, cause];
  return (
    areEqualLists(said(one), said(other as typeof one), around) &&
    haveSameFields(one, other, around)
  );
}

function listOf(value: object): ArrayLike<unknown> {
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (!(value instanceof DataView)) return value as ArrayLike<unknown> & object;
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}

function areEqualLists(one: ArrayLike<unknown>, other: ArrayLike<unknown>, around: Around) {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at += 1) {
    if (!areEqual(one[at], other[at], around)) return false;
  }
  return true;
}

function haveSame(some: readonly unknown[], others: readonly unknown[], around: Around): boolean {
  if (some.length !== others.length) return false;
  const left = [...others];
  return some.every((each) => {
    const at = left.findIndex((candidate) => areEqual(each, candidate, around));
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  });
}

/** Records without any property are empty, unless their class keeps what it holds to itself. */
function areEqualRecords(one: object, other: object, around: Around): boolean {
  const closed = [one, other].filter((each) => fieldsOf(each).size === 0 && !isPlain(each));
  if (closed.length === 0) return haveSameFields(one, other, around);
  const [value, otherValue]: unknown[] = [one.valueOf(), other.valueOf()];
  if (typeof value !== 'object' && typeof otherValue !== 'object') {
    return Object.is(value, otherValue);
  }
  const names = closed.map((each) => each.constructor?.name || 'without a name').join(' and ');
  throw new TypeError(
    `An answer of class ${names} shows no property to compare: give the model an isSameOutput`,
  );
}

function haveSameFields(one: object, other: object, around: Around): boolean {
  const [fields, others] = [fieldsOf(one), fieldsOf(other)];
  if (fields.size !== others.size) return false;
  return [...fields].every(
    ([name, held]) => others.has(name) && areEqual(held, others.get(name), around),
  );
}

function fieldsOf(record: object): Map<string | symbol, unknown> {
  const held = Reflect.ownKeys(record)
    .filter((name) => Object.prototype.propertyIsEnumerable.call(record, name))
    .map((name) => [name, record[name as keyof typeof record]] as const);
  return new Map(held.filter(([, value]) => value !== undefined));
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
