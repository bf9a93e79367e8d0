/**
 * Texts that are equal only for values that cannot be told apart. The checker leaves out what it
 * takes for a repetition, so two values that differ in anything may never share a text; two texts
 * for equal values only cost time. What cannot be looked into (instances of classes, functions,
 * getters) is therefore equal to itself only.
 */

/** Its texts can be compared with one another, not with those of another call of this function. */
export function exactKeys(): (value: unknown) => string {
  const identities = new Map<unknown, number>();
  return (value) => new Writer(identities).text(value);
}

class Writer {
  readonly #identities: Map<unknown, number>;
  /** By the order in which they were met: cycles end there, and what is shared is told from copies. */
  readonly #met = new Map<object, number>();

  constructor(identities: Map<unknown, number>) {
    this.#identities = identities;
  }

  text(value: unknown): string {
    switch (typeof value) {
      case 'string':
        return JSON.stringify(value);
      case 'bigint':
        return `${value}n`;
      case 'symbol':
      case 'function':
        return this.#identityOf(value);
      case 'object':
        return value === null ? 'null' : this.#object(value);
      default:
        return Object.is(value, -0) ? '-0' : String(value);
    }
  }

  #identityOf(value: unknown): string {
    const known = this.#identities.get(value) ?? this.#identities.size;
    this.#identities.set(value, known);
    return `@${known}`;
  }

  #object(value: object): string {
    const met = this.#met.get(value);
    if (met !== undefined) return `#${met}`;
    this.#met.set(value, this.#met.size);
    return this.#builtin(value) ?? this.#properties(value) ?? this.#identityOf(value);
  }

  /** Null when it is none, or one that was given properties of its own. */
  #builtin(value: object): string | null {
    const prototype = Object.getPrototypeOf(value);
    if (ArrayBuffer.isView(value)) {
      const name = typedArrays.get(prototype);
      const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
      return name === undefined ? null : `${name}(${bytes.join()})`;
    }
    if (Reflect.ownKeys(value).length > 0) return null;
    switch (prototype) {
      case Date.prototype:
        return `Date(${(value as Date).getTime()})`;
      case ArrayBuffer.prototype:
        return `ArrayBuffer(${new Uint8Array(value as ArrayBuffer).join()})`;
      case Set.prototype:
        return `Set(${Array.from(value as Set<unknown>, (held) => this.text(held)).join()})`;
      case Map.prototype:
        return `Map(${Array.from(value as Map<unknown, unknown>, (pair) => this.#pair(pair)).join()})`;
      default:
        return null;
    }
  }

  #pair([name, held]: readonly [unknown, unknown]): string {
    return `${this.text(name)}:${this.text(held)}`;
  }

  /** Of a plain object or an array, in their order, which counts; null when there is more to it. */
  #properties(value: object): string | null {
    const isArray = Array.isArray(value);
    const prototype = Object.getPrototypeOf(value);
    const isPlain = prototype === (isArray ? Array.prototype : Object.prototype);
    if (!isPlain && prototype !== null) return null;
    const fields: string[] = [];
    for (const name of Reflect.ownKeys(value)) {
      if (isArray && name === 'length') continue;
      const property = Object.getOwnPropertyDescriptor(value, name);
      if (property?.enumerable !== true || !('value' in property)) return null;
      fields.push(this.#pair([name, property.value]));
    }
    const kind = isArray ? `Array ${value.length}` : prototype === null ? 'bare' : '';
    return `${kind}{${fields.join()}}`;
  }
}

const typedArrays: ReadonlyMap<object, string> = new Map(
  [
    ...[Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array],
    ...[Float32Array, Float64Array, BigInt64Array, BigUint64Array],
  ].map(({ name, prototype }) => [prototype, name]),
);
