import { CommandError, type Database, type Reply } from '../database.ts';
import { toRegExp } from './patterns.ts';
import { failed, Table, toArgument, toNumber, toText, type Value } from './values.ts';

/** The database of the script that runs. One script runs at a time. */
let database: Database;

export function useDatabase(next: Database): void {
  database = next;
}

/** A reply as a script sees it: `null` is `false`, a list is a table. */
export function fromReply(reply: Reply): Value {
  if (reply === null) return false;
  return typeof reply === 'object' ? new Table(reply.map(fromReply)) : reply;
}

/** The return value of a script as a reply: numbers lose their fraction, a table ends at its first nil, `false` is `null`. */
export function toReply(value: Value): Reply {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return Math.trunc(value);
  if (value === true) return 1;
  if (!(value instanceof Table)) return null;
  const end = value.list.indexOf(undefined);
  return (end === -1 ? value.list : value.list.slice(0, end)).map(toReply);
}

const number = (value: Value): number => {
  const made = toNumber(value);
  if (made === undefined) throw failed('perform arithmetic on', value);
  return made;
};

function isLess(left: Value, right: Value, orEqual: boolean): boolean {
  if (typeof left === 'number' && typeof right === 'number') return orEqual ? left <= right : left < right;
  if (typeof left === 'string' && typeof right === 'string') return orEqual ? left <= right : left < right;
  throw new CommandError(`ERR attempt to compare ${typeof left} with ${typeof right}`);
}

function match(text: Value, pattern: Value): readonly Value[] {
  const regExp = toRegExp(toText(pattern));
  regExp.lastIndex = 0;
  const found = regExp.exec(toText(text));
  if (found === null) return [undefined];
  return found.length > 1 ? found.slice(1) : [found[0]];
}

/** The functions that compiled scripts call for Lua's operators. */
export const OPERATORS = {
  index(base: Value, key: Value): Value {
    if (base instanceof Table) return base.get(key);
    throw failed('index', base);
  },
  store(base: Value, key: Value, value: Value): void {
    if (!(base instanceof Table)) throw failed('index', base);
    base.set(key, value);
  },
  call(callee: Value, ...args: Value[]): readonly Value[] {
    if (typeof callee !== 'function') throw failed('call', callee);
    return callee(...args);
  },
  length(value: Value): number {
    if (typeof value === 'string') return value.length;
    if (value instanceof Table) return value.list.length;
    throw failed('get length of', value);
  },
  table(list: Value[], named: readonly (readonly [Value, Value])[] = []): Table {
    const table = new Table(list);
    for (const [key, value] of named) table.set(key, value);
    return table;
  },
  /** The indexes and values of a table, from 1 up to the first nil. */
  *each(value: Value): Generator<readonly [number, Value]> {
    if (!(value instanceof Table)) throw failed('iterate', value);
    for (let i = 1, item = value.get(1); item !== undefined; item = value.get(++i)) yield [i, item];
  },
  add: (left: Value, right: Value): number => number(left) + number(right),
  subtract: (left: Value, right: Value): number => number(left) - number(right),
  multiply: (left: Value, right: Value): number => number(left) * number(right),
  divide: (left: Value, right: Value): number => number(left) / number(right),
  negate: (value: Value): number => -number(value),
  concat: (left: Value, right: Value): string => toText(left) + toText(right),
  less: (left: Value, right: Value): boolean => isLess(left, right, false),
  atMost: (left: Value, right: Value): boolean => isLess(left, right, true),
  number,
};

/** Functions of Lua and Redis that return one value. */
export const FUNCTIONS: Readonly<Record<string, (...args: Value[]) => Value>> = {
  'redis.call': (name, ...args) => fromReply(database.command(toArgument(name), args.map(toArgument))),
  tonumber: toNumber,
  tostring: toText,
  'math.floor': (value) => Math.floor(number(value)),
  'math.max': (...values) => Math.max(...values.map(number)),
  'math.min': (...values) => Math.min(...values.map(number)),
  'string.len': (text) => toText(text).length,
  /** Supports only `%.0f`, the only format that the scripts use. */
  'string.format'(form, value) {
    if (form !== '%.0f') throw new CommandError("ERR the explorer's Lua does not know this format: add it");
    return number(value).toFixed(0);
  },
  'string.sub'(text, from, to = -1) {
    const value = toText(text);
    const at = (index: number) => (index < 0 ? Math.max(0, value.length + index + 1) : index);
    return value.slice(Math.max(1, at(number(from))) - 1, at(number(to)));
  },
  'table.insert'(value, at, item) {
    (value as Table).list.splice(number(at) - 1, 0, item);
    return undefined;
  },
  'cjson.encode': (value) => JSON.stringify(toJson(value)),
  'cjson.decode': (text) => fromJson(JSON.parse(toText(text))),
  'table.concat'(value, between = '', from = 1, to = (value as Table).list.length) {
    const items = (value as Table).list.slice(number(from) - 1, number(to));
    return items.map(toText).join(toText(between));
  },
};

/** Knows only strings, numbers, booleans and objects, because scripts decode nothing else. */
function fromJson(json: unknown): Value {
  if (typeof json === 'string' || typeof json === 'number' || typeof json === 'boolean') return json;
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new CommandError("ERR the explorer's Lua does not know this JSON");
  const table = new Table([]);
  for (const [name, value] of Object.entries(json)) table.set(name, fromJson(value));
  return table;
}

/** The counterpart of {@link fromJson}. Unlike `fromJson`, it supports lists. */
function toJson(value: Value): unknown {
  if (!(value instanceof Table)) return value;
  if (value.list.length > 0) return value.list.map(toJson);
  return Object.fromEntries([...value.named()].map(([name, item]) => [String(name), toJson(item)]));
}

/** Functions of Lua that may return no value or several, as an array. */
export const MULTIPLE: Readonly<Record<string, (...args: Value[]) => readonly Value[]>> = {
  'string.match': match,
  /** Supports only the search for plain text from the first character on, because scripts use nothing else. */
  'string.find'(text, part, from, isPlain) {
    if (from !== 1 || isPlain !== true)
      throw new CommandError("ERR the explorer's Lua does not know this use of string.find: add it");
    const at = toText(text).indexOf(toText(part));
    return at === -1 ? [undefined] : [at + 1, at + toText(part).length];
  },
  unpack: (value, from = 1, to = (value as Table).list.length) =>
    (value as Table).list.slice(number(from) - 1, number(to)),
};

/** The iterators that a `for … in` may use. */
export const ITERATORS: Readonly<Record<string, (...args: Value[]) => Iterable<readonly Value[]>>> = {
  ipairs: (value) => OPERATORS.each(value),
  pairs: (value) => [...(value as Table).list.map((item, i) => [i + 1, item]), ...(value as Table).named()],
  *'string.gmatch'(text, pattern) {
    for (const [whole, ...parts] of toText(text).matchAll(toRegExp(toText(pattern))))
      yield parts.length === 0 ? [whole] : parts;
  },
};
