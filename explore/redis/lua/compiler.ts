import luaparse, { type Expression, type Statement } from 'luaparse';
import { runInThisContext } from 'node:vm';
import { FUNCTIONS, ITERATORS, MULTIPLE, OPERATORS } from './library.ts';
import type { Table, Value } from './values.ts';

export type Compiled = (keys: Table, args: Table) => readonly Value[];

const BINARY: Readonly<Record<string, string>> = {
  '+': 'add',
  '-': 'subtract',
  '*': 'multiply',
  '/': 'divide',
  '..': 'concat',
  '<': 'less',
  '<=': 'atMost',
};
const COMPARES = new Set(['==', '~=', '<', '<=', '>', '>=']);

/**
 * Translates a Lua script into a JavaScript function. Knows only the small part of Lua that the product's scripts use. If a script
 * uses anything else, throws an error that says what. As in Redis, an undefined name is an error.
 */
export function compile(script: string): Compiled {
  const source = Buffer.from(script.replace(/^#!lua[^\n]*/, '')).toString('latin1');
  const chunk = luaparse.parse(source, { luaVersion: '5.1', comments: false, encodingMode: 'pseudo-latin1' });
  const [keys, args] = ['KEYS', 'ARGV'];
  const body = translateBlock(chunk.body, createScope([keys, args]));
  const text = `(function (op, one, many, iterate) { return function (${keys}, ${args}) { ${body} return []; }; })`;
  const make = runInThisContext(text) as (...libraries: unknown[]) => Compiled;
  return make(OPERATORS, FUNCTIONS, MULTIPLE, ITERATORS);
}

/** The Lua variables that are visible, each with its name in JavaScript. */
interface Scope {
  names: Map<string, string>;
  /** Shared by all scopes of a script, so that no two variables have the same name. */
  count: { made: number };
}

const createScope = (globals: readonly string[]): Scope => ({
  names: new Map(globals.map((name) => [name, name])),
  count: { made: 0 },
});
const inner = ({ names, count }: Scope): Scope => ({ names: new Map(names), count });

function fresh(scope: Scope, name = ''): string {
  return `${name}$${(scope.count.made += 1)}`;
}

function declare(scope: Scope, name: string): string {
  const made = fresh(scope, name);
  scope.names.set(name, made);
  return made;
}

function unknown(what: string): never {
  throw new Error(`The explorer's Lua does not know ${what}: add it`);
}

const translateBlock = (body: readonly Statement[], outer: Scope): string => {
  const scope = inner(outer);
  return body.map((statement) => translate(statement, scope)).join('\n');
};

function translate(statement: Statement, scope: Scope): string {
  switch (statement.type) {
    case 'LocalStatement': {
      const values = valuesFor(statement.variables.length, statement.init, scope);
      const names = statement.variables.map(({ name }) => declare(scope, name));
      return names.length === 1 ? `let ${names[0]} = ${values};` : `let [${names.join(', ')}] = ${values};`;
    }
    case 'AssignmentStatement':
      return assign(statement.variables, statement.init, scope);
    case 'CallStatement':
      return `${list([statement.expression], scope)};`;
    case 'IfStatement':
      return statement.clauses
        .map((clause, i) => {
          const block = `{ ${translateBlock(clause.body, scope)} }`;
          if (clause.type === 'ElseClause') return `else ${block}`;
          return `${i === 0 ? '' : 'else '}if (${condition(clause.condition, scope)}) ${block}`;
        })
        .join(' ');
    case 'WhileStatement':
      return `while (${condition(statement.condition, scope)}) { ${translateBlock(statement.body, scope)} }`;
    case 'RepeatStatement': {
      // In Lua, the condition sees the variables of the body.
      const body = inner(scope);
      const statements = statement.body.map((each) => translate(each, body)).join('\n');
      return `for (;;) { ${statements} if (${condition(statement.condition, body)}) break; }`;
    }
    case 'ForNumericStatement': {
      const body = inner(scope);
      const [at, end, step] = [fresh(scope), fresh(scope), fresh(scope)];
      const bounds = [statement.start, statement.end].map((bound) => `op.number(${value(bound, scope)})`);
      const by = statement.step === null ? '1' : value(statement.step, scope);
      const name = declare(body, statement.variable.name);
      return (
        `for (let ${at} = ${bounds[0]}, ${end} = ${bounds[1]}, ${step} = ${by}; ` +
        `${step} > 0 ? ${at} <= ${end} : ${at} >= ${end}; ${at} += ${step}) ` +
        `{ let ${name} = ${at}; ${translateBlock(statement.body, body)} }`
      );
    }
    case 'ForGenericStatement': {
      const [iterator] = statement.iterators;
      const name = iterator?.type === 'CallExpression' ? libraryName(iterator.base, scope) : null;
      if (iterator?.type !== 'CallExpression' || name === null || !Object.hasOwn(ITERATORS, name))
        return unknown(`how to iterate with ${name}`);
      const over = `iterate[${JSON.stringify(name)}](${list(iterator.arguments, scope, '')})`;
      const body = inner(scope);
      const names = statement.variables.map((variable) => declare(body, variable.name));
      return `for (let [${names.join(', ')}] of ${over}) { ${translateBlock(statement.body, body)} }`;
    }
    case 'FunctionDeclaration': {
      if (statement.identifier?.type !== 'Identifier' || !statement.isLocal)
        return unknown('functions that are not local');
      const name = declare(scope, statement.identifier.name);
      const body = inner(scope);
      const parameters = statement.parameters.map((parameter) =>
        parameter.type === 'Identifier' ? declare(body, parameter.name) : unknown('...'),
      );
      return `const ${name} = (${parameters.join(', ')}) => { ${translateBlock(statement.body, body)} return []; };`;
    }
    case 'ReturnStatement':
      return `return ${list(statement.arguments, scope)};`;
    case 'BreakStatement':
      return 'break;';
    default:
      return unknown(statement.type);
  }
}

function assign(
  targets: readonly luaparse.AssignmentStatement['variables'][number][],
  init: readonly Expression[],
  scope: Scope,
): string {
  const store = (target: (typeof targets)[number], made: string): string => {
    if (target.type === 'Identifier') return `${local(target.name, scope)} = ${made};`;
    if (target.type === 'IndexExpression')
      return `op.store(${value(target.base, scope)}, ${value(target.index, scope)}, ${made});`;
    if (target.type === 'MemberExpression')
      return `op.store(${value(target.base, scope)}, ${JSON.stringify(target.identifier.name)}, ${made});`;
    return unknown('an assignment to an expression');
  };
  const values = valuesFor(targets.length, init, scope);
  if (targets.length === 1) return store(targets[0]!, values);
  const made = fresh(scope);
  return `{ const ${made} = ${values}; ${targets.map((target, i) => store(target, `${made}[${i}]`)).join(' ')} }`;
}

/** JavaScript code for the right side of an assignment: one value for one variable, an array for several variables. */
const valuesFor = (variables: number, init: readonly Expression[], scope: Scope): string => {
  if (variables > 1) return list(init, scope);
  return init[0] === undefined ? 'undefined' : value(init[0], scope);
};

/** JavaScript code for an array of values. If the last expression is a call, all values that the call returns are added. */
function list(expressions: readonly Expression[], scope: Scope, bracket = '[]'): string {
  const items = expressions.map((expression, i) => {
    const isLast = i === expressions.length - 1;
    return isLast && expression.type === 'CallExpression' && isMultiple(expression, scope)
      ? `...${call(expression, scope)}`
      : value(expression, scope);
  });
  return `${bracket.charAt(0)}${items.join(', ')}${bracket.charAt(1)}`;
}

function local(name: string, scope: Scope): string {
  return scope.names.get(name) ?? unknown(`the global name ${name}`);
}

/** The name of a library function, such as `string.match`. `null` if `base` is a local variable or another expression. */
function libraryName(base: Expression, scope: Scope): string | null {
  if (base.type === 'Identifier') return scope.names.has(base.name) ? null : base.name;
  if (base.type !== 'MemberExpression' || base.base.type !== 'Identifier' || scope.names.has(base.base.name))
    return null;
  return `${base.base.name}.${base.identifier.name}`;
}

/** True if a call may return no value or several. */
function isMultiple({ base }: luaparse.CallExpression, scope: Scope): boolean {
  const name = libraryName(base, scope);
  return name === null || Object.hasOwn(MULTIPLE, name);
}

/** JavaScript code for a call. The code evaluates to the array of all values that the call returns. */
function call({ base, arguments: given }: luaparse.CallExpression, scope: Scope): string {
  const name = libraryName(base, scope);
  if (name !== null) return `many[${JSON.stringify(name)}](${list(given, scope, '')})`;
  return `op.call(${value(base, scope)}${given.length > 0 ? ', ' : ''}${list(given, scope, '')})`;
}

function value(expression: Expression, scope: Scope): string {
  switch (expression.type) {
    case 'NilLiteral':
      return 'undefined';
    case 'StringLiteral':
    case 'NumericLiteral':
    case 'BooleanLiteral':
      return JSON.stringify(expression.value);
    case 'Identifier':
      return local(expression.name, scope);
    case 'IndexExpression':
      return `op.index(${value(expression.base, scope)}, ${value(expression.index, scope)})`;
    case 'MemberExpression':
      return `op.index(${value(expression.base, scope)}, ${JSON.stringify(expression.identifier.name)})`;
    case 'TableConstructorExpression': {
      const items = expression.fields.flatMap((field) => (field.type === 'TableValue' ? [field.value] : []));
      const named = expression.fields.flatMap((field) => {
        if (field.type === 'TableValue') return [];
        const key = field.type === 'TableKey' ? value(field.key, scope) : JSON.stringify(field.key.name);
        return [`[${key}, ${value(field.value, scope)}]`];
      });
      return `op.table(${list(items, scope)}${named.length > 0 ? `, [${named.join(', ')}]` : ''})`;
    }
    case 'CallExpression': {
      if (isMultiple(expression, scope)) return `${call(expression, scope)}[0]`;
      const name = libraryName(expression.base, scope)!;
      if (!Object.hasOwn(FUNCTIONS, name)) return unknown(name);
      return `one[${JSON.stringify(name)}](${list(expression.arguments, scope, '')})`;
    }
    case 'LogicalExpression': {
      const [left, right] = [value(expression.left, scope), value(expression.right, scope)];
      const made = fresh(scope);
      const isTrue = truth(made);
      const [then, otherwise] = expression.operator === 'and' ? [right, made] : [made, right];
      return `((${made}) => ${isTrue} ? ${then} : ${otherwise})(${left})`;
    }
    case 'UnaryExpression':
      if (expression.operator === '#') return `op.length(${value(expression.argument, scope)})`;
      if (expression.operator === '-') return `op.negate(${value(expression.argument, scope)})`;
      return `(${condition(expression, scope)})`;
    case 'BinaryExpression': {
      if (COMPARES.has(expression.operator)) return `(${condition(expression, scope)})`;
      const operator = BINARY[expression.operator] ?? unknown(`the operator ${expression.operator}`);
      return `op.${operator}(${value(expression.left, scope)}, ${value(expression.right, scope)})`;
    }
    default:
      return unknown(expression.type);
  }
}

const truth = (made: string): string => `(${made} !== undefined && ${made} !== false)`;

/** JavaScript code for a condition, for example of an `if`. This code is faster than the code that {@link value} returns. */
function condition(expression: Expression, scope: Scope): string {
  if (expression.type === 'LogicalExpression') {
    const operator = expression.operator === 'and' ? '&&' : '||';
    return `(${condition(expression.left, scope)} ${operator} ${condition(expression.right, scope)})`;
  }
  if (expression.type === 'UnaryExpression' && expression.operator === 'not')
    return `!${condition(expression.argument, scope)}`;
  if (expression.type === 'BinaryExpression' && COMPARES.has(expression.operator)) {
    const [left, right] = [value(expression.left, scope), value(expression.right, scope)];
    switch (expression.operator) {
      case '==':
        return `(${left} === ${right})`;
      case '~=':
        return `(${left} !== ${right})`;
      case '<':
        return `op.less(${left}, ${right})`;
      case '<=':
        return `op.atMost(${left}, ${right})`;
      case '>':
        return `op.less(${right}, ${left})`;
      default:
        return `op.atMost(${right}, ${left})`;
    }
  }
  if (expression.type === 'BooleanLiteral') return String(expression.value);
  const made = value(expression, scope);
  return /^[\w$]+$/.test(made) ? truth(made) : `((made) => ${truth('made')})(${made})`;
}
