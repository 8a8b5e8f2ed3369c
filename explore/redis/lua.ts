import fengari from 'fengari';
import { CommandError, type Database, type Reply } from './database.ts';

const { lua, lauxlib, lualib } = fengari;

/**
 * Runs the product's Lua scripts in this process. Redis has Lua 5.1 and this is 5.3; the scripts use what both have,
 * and where numbers become text ("5" and not "5.0") this follows 5.1. `lua.test.ts` runs each script here and on a
 * real Redis.
 */
export interface ScriptRunner {
  /** @throws CommandError for an error in the script or in a command that it calls */
  run(script: string, keys: readonly string[], args: readonly string[]): Reply;
}

/** One virtual machine serves all databases of the process, so that each script is compiled once. */
let machine: {
  run(database: Database, script: string, keys: readonly string[], args: readonly string[]): Reply;
} | null = null;

export function createScriptRunner(database: Database): ScriptRunner {
  machine ??= createMachine();
  const { run } = machine;
  return { run: (script, keys, args) => run(database, script, keys, args) };
}

function createMachine(): NonNullable<typeof machine> {
  let database: Database;
  const L = lauxlib.luaL_newstate();
  lualib.luaL_openlibs(L);
  const compiled = new Map<string, number>();

  lua.lua_newtable(L);
  lua.lua_pushcfunction(L, () => {
    const args: string[] = [];
    const top = lua.lua_gettop(L);
    for (let i = 2; i <= top; i++) args.push(argument(i));
    push(database.command(argument(1), args));
    return 1;
  });
  lua.lua_setfield(L, -2, bytes('call'));
  lua.lua_setglobal(L, bytes('redis'));

  // Lua 5.1 has it as a global.
  lua.lua_getglobal(L, bytes('table'));
  lua.lua_getfield(L, -1, bytes('unpack'));
  lua.lua_setglobal(L, bytes('unpack'));
  lua.lua_pop(L, 1);

  /** Numbers as Redis hands them to a command: a whole one without a fraction. */
  function argument(at: number): string {
    if (lua.lua_type(L, at) === lua.LUA_TNUMBER) return numberText(lua.lua_tonumber(L, at));
    const value = lua.lua_tostring(L, at);
    if (value === null) throw new CommandError('ERR Lua redis lib command arguments must be strings or integers');
    return latin1(value);
  }

  /** To Lua: null becomes false, arrays become tables. */
  function push(reply: Reply): void {
    if (reply === null) lua.lua_pushboolean(L, false);
    else if (typeof reply === 'number') lua.lua_pushinteger(L, reply);
    else if (typeof reply === 'string') lua.lua_pushstring(L, bytes(reply));
    else {
      lua.lua_createtable(L, reply.length, 0);
      reply.forEach((item, i) => {
        push(item);
        lua.lua_rawseti(L, -2, i + 1);
      });
    }
  }

  /** From Lua: numbers lose their fraction, a table ends at its first nil, false is null. */
  function pop(): Reply {
    const reply = read();
    lua.lua_pop(L, 1);
    return reply;
  }

  function read(): Reply {
    switch (lua.lua_type(L, -1)) {
      case lua.LUA_TNUMBER:
        return Math.trunc(lua.lua_tonumber(L, -1));
      case lua.LUA_TSTRING:
        return latin1(lua.lua_tostring(L, -1));
      case lua.LUA_TBOOLEAN:
        return lua.lua_toboolean(L, -1) ? 1 : null;
      case lua.LUA_TTABLE: {
        const items: Reply[] = [];
        for (let i = 1; ; i++) {
          lua.lua_rawgeti(L, -1, i);
          if (lua.lua_isnil(L, -1)) break;
          items.push(pop());
        }
        lua.lua_pop(L, 1);
        return items;
      }
      default:
        return null;
    }
  }

  function load(script: string): void {
    let reference = compiled.get(script);
    if (reference === undefined) {
      const source = script.replace(/^#!lua[^\n]*\n/, '\n');
      if (lauxlib.luaL_loadbuffer(L, bytes(source), source.length, bytes('script')) !== lua.LUA_OK)
        throw new CommandError(`ERR ${latin1(lua.lua_tostring(L, -1))}`);
      reference = lauxlib.luaL_ref(L, lua.LUA_REGISTRYINDEX);
      compiled.set(script, reference);
    }
    lua.lua_rawgeti(L, lua.LUA_REGISTRYINDEX, reference);
  }

  return {
    run(on, script, keys, args) {
      database = on;
      push(keys);
      lua.lua_setglobal(L, KEYS);
      push(args);
      lua.lua_setglobal(L, ARGV);
      load(script);
      if (lua.lua_pcall(L, 0, 1, 0) !== lua.LUA_OK) {
        const message = lua.lua_tojsstring(L, -1);
        lua.lua_pop(L, 1);
        throw new CommandError(`ERR ${message}`);
      }
      return pop();
    },
  };
}

const numberText = (value: number): string => (Number.isInteger(value) ? String(value) : value.toPrecision(17));

function bytes(text: string): Uint8Array {
  const array = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) array[i] = text.charCodeAt(i);
  return array;
}

const [KEYS, ARGV] = [bytes('KEYS'), bytes('ARGV')];
/** Below this, a string is made faster from its codes than by a Buffer. */
const FEW = 32;

function latin1(array: Uint8Array | null): string {
  if (array === null) return '';
  if (array.length < FEW) {
    let text = '';
    for (let i = 0; i < array.length; i++) text += String.fromCharCode(array[i]!);
    return text;
  }
  return Buffer.from(array.buffer, array.byteOffset, array.length).toString('latin1');
}
