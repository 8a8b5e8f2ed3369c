import { Linter } from 'eslint';
import tseslint from 'typescript-eslint';
import { expect, test } from 'vitest';
import { fixedPath } from './fixed-path.mjs';

const linter = new Linter();

/** The ids of the messages that the rule reports for this code. */
function problems(code: string): (string | undefined)[] {
  const messages = linter.verify(
    code,
    [
      {
        files: ['**/*.tsx'],
        languageOptions: {
          parser: tseslint.parser as Linter.Parser,
          parserOptions: { ecmaFeatures: { jsx: true } },
        },
        plugins: { rejoin: { rules: { 'fixed-path': fixedPath } } },
        rules: { 'rejoin/fixed-path': 'error' },
      },
    ],
    'example.tsx',
  );
  const broken = messages.find(({ fatal }) => fatal);
  if (broken) throw new Error(broken.message);
  return messages.map(({ messageId }) => messageId);
}

const link = (to: string): string => `const page = <Link to=${to}>x</Link>;`;
const navigate = (path: string): string => `const go = useNavigate(); go(${path});`;

test.each([
  '"/"',
  '"/settings"',
  '"/?temporary=1"',
  '{"/settings"}',
  '{`/chat/${chatId}`}',
  '{`?range=${name}`}',
  '{"/chat/" + chatId}',
  '{"/chat/" + chatId + "/manage"}',
  '{chat ? `/chat/${chat.id}` : "/"}',
  '{{ pathname: "/chat", search: query }}',
  '{"."}',
  '{`#${anchor}`}',
])('a link whose path begins with fixed text passes: to=%s', (to) => {
  expect(problems(link(to))).toEqual([]);
});

test.each([
  '{returnTo}',
  '{`${path}`}',
  '{`/${path}`}',
  '{`//${host}`}',
  '{`..${path}`}',
  '{"." + path}',
  '{"/" + path}',
  '{path + "/manage"}',
  '{String(path)}',
  '{chat.url}',
  '{chat ? chat.url : "/"}',
  '{returnTo ?? "/"}',
  '{{ pathname: path }}',
  '{{ ...location }}',
  '"//evil.example"',
  '{"/\\\\evil.example"}',
  '"https://evil.example"',
  '{path as string}',
])('a link whose path can lead to another site is refused: to=%s', (to) => {
  expect(problems(link(to))).toEqual(['open']);
});

test('a spread property is refused, and the rule holds for NavLink and Navigate, but not for other components', () => {
  expect(problems('const page = <Link to="/" {...rest}>x</Link>;')).toEqual(['spread']);
  expect(problems('const page = <NavLink to={path}>x</NavLink>;')).toEqual(['open']);
  expect(problems('const page = <Navigate to={path} />;')).toEqual(['open']);
  expect(problems('const page = <Other to={path} {...rest} />;')).toEqual([]);
});

test('the rule also holds for the result of useNavigate, whatever its variable is called', () => {
  expect(problems(navigate('`/chat/${id}`, { replace: true }'))).toEqual([]);
  expect(problems(navigate('-1'))).toEqual([]);
  expect(problems(navigate('returnTo'))).toEqual(['open']);
  expect(problems('const go = (path) => {}; go(returnTo);')).toEqual([]);
});

test('a constant of the same file counts as its value', () => {
  expect(problems(`const HOME = '/home'; ${link('{HOME}')}`)).toEqual([]);
  expect(problems(`const HOME = location.hash; ${link('{HOME}')}`)).toEqual(['open']);
  expect(problems(`let home = '/home'; home = path; ${link('{home}')}`)).toEqual(['open']);
  expect(problems(`const { home } = '/home'; ${link('{home}')}`)).toEqual(['open']);
});
