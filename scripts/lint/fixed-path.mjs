/**
 * ESLint rule: a path that is given to the router begins with fixed text.
 *
 * React Router 6 treats `/\evil.example` as a path of this app, but a browser opens another site (GHSA-wrjc-x8rr-h8h6, for
 * which version 6 has no patch). So `<Link to>` and `navigate()` may put outside data into a path, but not at its beginning:
 *
 *     <Link to={`/chat/${chatId}`}>     fine: whatever `chatId` is, the path begins with /chat/
 *     <Link to={`?range=${range}`}>     fine: a query of this page
 *     <Link to={`/${path}`}>            refused: "/" and "/evil.example" make "//evil.example"
 *     navigate(returnTo)                refused
 */
const COMPONENTS = new Set(['Link', 'NavLink', 'Navigate']);
/** How a path may begin, so that no slash or backslash can follow its first slash. */
const FIXED_START = /^(?:\/[A-Za-z0-9_?#-]|[?#]|\.\.?\/[A-Za-z0-9_-])/;
const WHOLE_PATHS = new Set(['/', '', '.', '..']);

/** @type {import('eslint').Rule.RuleModule} */
export const fixedPath = {
  meta: {
    type: 'problem',
    docs: { description: 'Paths that are given to the router begin with fixed text.' },
    schema: [],
    messages: {
      open: 'Begin this path with fixed text, such as `/chat/${id}`: outside data at its beginning can lead to another site (GHSA-wrjc-x8rr-h8h6).',
      spread: 'Do not spread properties into a link: they could replace `to` by a path that begins with outside data.',
    },
  },
  create(context) {
    const { sourceCode } = context;
    /** True if the callee is a variable that holds the result of `useNavigate()`. */
    const isNavigate = (callee) => {
      if (callee.type !== 'Identifier') return false;
      const variable = variableOf(callee, sourceCode);
      return Boolean(
        variable?.defs.some(({ node }) => node.init?.type === 'CallExpression' && isNamed(node.init.callee)),
      );
    };
    const isNamed = (callee) => callee.type === 'Identifier' && callee.name === 'useNavigate';
    const check = (node) => {
      if (!isFixed(node, sourceCode)) context.report({ node, messageId: 'open' });
    };
    return {
      JSXOpeningElement(node) {
        if (node.name.type !== 'JSXIdentifier' || !COMPONENTS.has(node.name.name)) return;
        for (const attribute of node.attributes) {
          if (attribute.type === 'JSXSpreadAttribute') context.report({ node: attribute, messageId: 'spread' });
          else if (attribute.name.name === 'to') check(attribute.value);
        }
      },
      CallExpression(node) {
        if (node.arguments.length > 0 && isNavigate(node.callee)) check(node.arguments[0]);
      },
    };
  },
};

function variableOf(identifier, sourceCode) {
  for (let scope = sourceCode.getScope(identifier); scope; scope = scope.upper) {
    const variable = scope.set.get(identifier.name);
    if (variable) return variable;
  }
  return null;
}

/** True if this expression certainly is a path of this app, or a number of steps in the browser's history. */
function isFixed(node, sourceCode) {
  switch (node?.type) {
    case 'JSXExpressionContainer':
      return isFixed(node.expression, sourceCode);
    case 'TSAsExpression':
    case 'TSSatisfiesExpression':
    case 'TSNonNullExpression':
      return isFixed(node.expression, sourceCode);
    case 'Literal':
      // A number is a step in the browser's history.
      return typeof node.value === 'number' || isFixedText(String(node.value), true);
    case 'UnaryExpression':
      return node.argument.type === 'Literal' && typeof node.argument.value === 'number';
    case 'TemplateLiteral':
      return isFixedText(node.quasis[0].value.cooked ?? '', node.expressions.length === 0);
    case 'BinaryExpression':
      return node.operator === '+' && isFixedHead(node.left, sourceCode);
    case 'ConditionalExpression':
      return isFixed(node.consequent, sourceCode) && isFixed(node.alternate, sourceCode);
    case 'LogicalExpression':
      return isFixed(node.left, sourceCode) && isFixed(node.right, sourceCode);
    case 'ObjectExpression':
      return isFixedLocation(node, sourceCode);
    case 'Identifier':
      return isFixedConstant(node, sourceCode);
    default:
      return false;
  }
}

const isFixedText = (text, isWhole) => FIXED_START.test(text) || (isWhole && WHOLE_PATHS.has(text));

/** Checks the left operand of `+`: `'/chat/' + id` begins with fixed text, but `'/' + path` can become `//evil.example`. */
function isFixedHead(node, sourceCode) {
  if (node.type === 'Literal') return isFixedText(String(node.value), false);
  if (node.type === 'TemplateLiteral') return isFixedText(node.quasis[0].value.cooked ?? '', false);
  return isFixed(node, sourceCode) && node.type === 'BinaryExpression';
}

/** `{pathname, search, hash}`: only the pathname can lead elsewhere. */
function isFixedLocation({ properties }, sourceCode) {
  return properties.every((property) => {
    if (property.type !== 'Property' || property.computed) return false;
    const name = property.key.name ?? property.key.value;
    return name === 'pathname' ? isFixed(property.value, sourceCode) : ['search', 'hash'].includes(name);
  });
}

/** A `const` of this file whose value is fixed. */
function isFixedConstant(identifier, sourceCode) {
  const defs = variableOf(identifier, sourceCode)?.defs ?? [];
  return defs.length === 1 && defs[0].parent?.kind === 'const' && defs[0].node.id.type === 'Identifier'
    ? isFixed(defs[0].node.init, sourceCode)
    : false;
}
