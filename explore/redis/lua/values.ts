import { CommandError } from '../database.ts';

/**
 * A Lua value in JavaScript. `undefined` is nil. `false` is also what a script gets for a null reply of Redis. Each character of a
 * string is one byte (Latin-1). Numbers are doubles, as in Lua 5.1.
 */
export type Value = undefined | boolean | number | string | Table | ((...args: Value[]) => readonly Value[]);

/** A table. The values at 1, 2, 3 and so on are in a list, all others in a map. */
export class Table {
  readonly list: Value[];
  #rest: Map<Value, Value> | null = null;

  constructor(list: Value[]) {
    this.list = list;
    this.#trim();
  }

  get(key: Value): Value {
    if (typeof key === 'number' && key > 0 && key <= this.list.length) return this.list[key - 1];
    return this.#rest?.get(key);
  }

  set(key: Value, value: Value): void {
    const { list } = this;
    if (typeof key === 'number' && key > 0 && key <= list.length) {
      list[key - 1] = value;
      if (value === undefined) this.#trim();
    } else if (key === list.length + 1 && value !== undefined) {
      list.push(value);
      this.#rest?.delete(key);
      // Values that a script set before their predecessors belong to the list from now on.
      for (let next = this.#rest?.get(list.length + 1); next !== undefined; next = this.#rest?.get(list.length + 1)) {
        this.#rest!.delete(list.length + 1);
        list.push(next);
      }
    } else if (key === undefined) throw new CommandError('ERR table index is nil');
    else (this.#rest ??= new Map()).set(key, value);
  }

  /** All entries that are not in the list. */
  named(): Iterable<[Value, Value]> {
    return [...(this.#rest ?? [])].filter(([, value]) => value !== undefined);
  }

  #trim(): void {
    while (this.list.length > 0 && this.list.at(-1) === undefined) this.list.pop();
  }
}

export function typeName(value: Value): string {
  if (value === undefined) return 'nil';
  return value instanceof Table ? 'table' : typeof value;
}

export const failed = (what: string, value: Value): CommandError =>
  new CommandError(`ERR attempt to ${what} a ${typeName(value)} value`);

const NUMBER = /^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?\s*$/i;

/** The result of `tonumber`: nil if the value is not a number. */
export function toNumber(value: Value): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && NUMBER.test(value) ? Number(value) : undefined;
}

/**
 * A value as text, for example as an operand of `..`. Lua 5.1 writes numbers with 14 digits. Only whole numbers with at most 14
 * digits are supported, because JavaScript writes them in the same way.
 */
export function toText(value: Value): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'number') throw failed('concatenate', value);
  if (!Number.isInteger(value) || Math.abs(value) >= 1e14)
    throw new CommandError(`ERR the explorer's Lua does not write ${value} as text: add it`);
  return String(value);
}

/** A value as an argument of `redis.call`. Redis writes numbers with at most 17 digits. */
export function toArgument(value: Value): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'number')
    throw new CommandError('ERR Lua redis lib command arguments must be strings or integers');
  return Number.isInteger(value) ? String(value) : value.toPrecision(17).replace(/\.?0+$/, '');
}
