import reactHooks from 'eslint-plugin-react-hooks';
import regexp from 'eslint-plugin-regexp';
import tseslint from 'typescript-eslint';
import { fixedPath } from './scripts/lint/fixed-path.mjs';

/**
 * Patterns of imports that are forbidden in some folders. Each message says what is allowed. Tests may import everything.
 */
const IMPORTS = {
  redis: { regex: '^(redis|@redis/.*)$', message: 'Only sidecar/store imports the Redis client.' },
  ai: { group: ['ai', '@ai-sdk/*'], message: 'Only sidecar/models imports the AI SDK.' },
  aiValues: { group: ['ai'], allowTypeImports: true, message: 'The app takes only types from the AI SDK.' },
  aiProviders: { group: ['@ai-sdk/*'], message: 'Only sidecar/models imports the AI SDK.' },
  cron: { group: ['node-cron'], message: 'Only sidecar/schedule.ts imports node-cron.' },
  pino: {
    group: ['pino', 'pino-*'],
    message: 'Only sidecar/log.ts and app/process/log.server.ts import pino.',
  },
  metrics: { group: ['prom-client'], message: 'Only the metrics of sidecar/telemetry import prom-client.' },
  spans: {
    group: ['@opentelemetry/*'],
    message: 'Only sidecar/telemetry/tracing.ts and app/process/tracing.server.ts import OpenTelemetry.',
  },
  sidecar: { group: ['**/sidecar/*', '**/sidecar/**'], message: 'Only shared/ is common to app and sidecar.' },
  app: { group: ['**/app/*', '**/app/**', '~/**'], message: 'Only shared/ is common to app and sidecar.' },
};
const { redis, ai, aiValues, aiProviders, cron, pino, metrics, spans, sidecar, app } = IMPORTS;
const TESTS = ['**/*.test.{ts,tsx}', '**/testing/**/*.{ts,tsx}'];

const mayNotImport = (files, ...patterns) => ({
  files,
  ignores: TESTS,
  rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns }] },
});

export default tseslint.config(
  { ignores: ['node_modules', 'build', '.data', 'test-results', 'playwright-report', 'public', 'bench'] },
  ...tseslint.configs.recommended,
  {
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-restricted-imports': ['error', { paths: [{ name: 'vitest', importNames: ['it'], message: 'Use test.' }] }],
      '@typescript-eslint/ban-ts-comment': [
        'error',
        { 'ts-ignore': true, 'ts-expect-error': 'allow-with-description' },
      ],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-empty': ['error', { allowEmptyCatch: false }],
      // The values and the types of a module are imported in one statement.
      'no-duplicate-imports': ['error', { allowSeparateTypeImports: false }],
    },
  },
  {
    files: ['**/*.{ts,tsx}'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    },
  },
  {
    // Tests may pass an async function where no promise is expected: if it rejects, the unhandled rejection fails the test run.
    files: TESTS,
    rules: { '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }] },
  },
  {
    files: ['app/**/*.{ts,tsx}'],
    plugins: { 'react-hooks': reactHooks, rejoin: { rules: { 'fixed-path': fixedPath } } },
    rules: {
      'react-hooks/rules-of-hooks': 'error',
      'react-hooks/exhaustive-deps': 'error',
      'rejoin/fixed-path': 'error',
    },
  },
  {
    // In these folders, regular expressions are applied to texts of models, providers and people. A regular expression that
    // backtracks for long would block the process for everybody.
    files: ['app/**/*.{ts,tsx}', 'sidecar/**/*.ts', 'shared/**/*.ts'],
    ignores: TESTS,
    plugins: { regexp },
    rules: { 'regexp/no-super-linear-backtracking': 'error', 'regexp/no-super-linear-move': 'error' },
  },
  // If a file matches several of these entries, the last one applies.
  mayNotImport(['app/**'], sidecar, redis, aiValues, aiProviders, cron, pino, metrics, spans),
  mayNotImport(['app/process/tracing.server.ts'], sidecar, redis, aiValues, aiProviders, cron, pino, metrics),
  mayNotImport(['app/process/log.server.ts'], sidecar, redis, aiValues, aiProviders, cron, metrics, spans),
  mayNotImport(['shared/**'], { regex: '^(?!zod$|\\.\\.?/)', message: 'shared/ imports zod and nothing else.' }),
  mayNotImport(['sidecar/**'], app, redis, ai, cron, pino, metrics, spans),
  mayNotImport(['sidecar/store/**'], app, ai, cron, pino, metrics, spans),
  mayNotImport(['sidecar/models/**'], app, redis, cron, pino, metrics, spans),
  mayNotImport(['sidecar/schedule.ts'], app, redis, ai, pino, metrics, spans),
  mayNotImport(['sidecar/log.ts'], app, redis, ai, cron, metrics, spans),
  mayNotImport(['sidecar/telemetry/*metrics.ts'], app, redis, ai, cron, pino, spans),
  mayNotImport(['sidecar/telemetry/tracing.ts'], app, redis, ai, cron, pino, metrics),
);
