/** The part of fengari's C API that `lua.ts` uses. Strings are bytes. */
declare module 'fengari' {
  type State = object;
  const fengari: {
    lua: {
      LUA_OK: number;
      LUA_REGISTRYINDEX: number;
      LUA_TNUMBER: number;
      LUA_TSTRING: number;
      LUA_TBOOLEAN: number;
      LUA_TTABLE: number;
      lua_newtable(L: State): void;
      lua_createtable(L: State, array: number, hash: number): void;
      lua_pushcfunction(L: State, call: () => number): void;
      lua_pushboolean(L: State, value: boolean): void;
      lua_pushnumber(L: State, value: number): void;
      lua_pushinteger(L: State, value: number): void;
      lua_pushstring(L: State, value: Uint8Array): void;
      lua_setfield(L: State, at: number, name: Uint8Array): void;
      lua_getglobal(L: State, name: Uint8Array): void;
      lua_getfield(L: State, at: number, name: Uint8Array): void;
      lua_setglobal(L: State, name: Uint8Array): void;
      lua_rawseti(L: State, at: number, index: number): void;
      lua_rawgeti(L: State, at: number, index: number): void;
      lua_gettop(L: State): number;
      lua_type(L: State, at: number): number;
      lua_isnil(L: State, at: number): boolean;
      lua_toboolean(L: State, at: number): boolean;
      lua_tonumber(L: State, at: number): number;
      lua_tostring(L: State, at: number): Uint8Array | null;
      lua_tojsstring(L: State, at: number): string;
      lua_pop(L: State, count: number): void;
      lua_pcall(L: State, args: number, results: number, handler: number): number;
    };
    lauxlib: {
      luaL_newstate(): State;
      luaL_loadbuffer(L: State, source: Uint8Array, size: number, name: Uint8Array): number;
      luaL_ref(L: State, table: number): number;
    };
    lualib: { luaL_openlibs(L: State): void };
  };
  export default fengari;
}
