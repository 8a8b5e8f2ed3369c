/**
 * Which folder may import which (docs/architecture.md has a table). The folders are listed from the bottom to the top: a
 * folder may import those before it, never those after it. Tests may import everything. eslint.config.mjs says which folder
 * may import which package (redis, ai, node-cron, …).
 */
const ORDER = {
  app: [
    'app/words/',
    'app/(ui|process|styles)/',
    'app/hooks/',
    'app/(markdown|auth|sidecar-client)/',
    'app/http/',
    'app/search/',
    'app/layout/',
    'app/templates/',
    'app/shares/',
    'app/rooms/',
    'app/chat/',
    'app/(no-script|admin)/',
    'app/shared-page/',
    'app/(routes/|root|entry)',
  ],
  sidecar: [
    'sidecar/log\\.ts',
    'sidecar/store/',
    'sidecar/telemetry/',
    'sidecar/(models|limits|analytics|schedule)',
    'sidecar/streams/log/',
    'sidecar/streams/end/',
    'sidecar/streams/read/',
    'sidecar/streams/write/',
    'sidecar/streams/(start|recover)/',
    'sidecar/streams/[^/]+$',
    'sidecar/chats/',
    'sidecar/(templates|shares|access|rooms|feed)/',
    'sidecar/http/',
    'sidecar/(config|open-stores|main)\\.ts',
  ],
};

const TESTS = '(\\.(test|spec|suite)\\.tsx?$)|(/testing/)';

const upward = (part, folders) =>
  folders.slice(0, -1).map((folder, at) => ({
    name: `${part}: ${folder} is below what it imports`,
    severity: 'error',
    from: { path: `^${folder}`, pathNot: TESTS },
    to: { path: `^(${folders.slice(at + 1).join('|')})` },
  }));

export default {
  forbidden: [
    { name: 'no circular imports', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'product code imports no test helpers',
      severity: 'error',
      from: { path: '^(app|sidecar|shared)/', pathNot: TESTS },
      to: { path: '^testing/|/testing/' },
    },
    {
      name: 'the hook can be copied: app/hooks and shared/ are all it needs',
      severity: 'error',
      from: { path: '^app/hooks/', pathNot: TESTS },
      to: { path: '^app/', pathNot: '^app/hooks/' },
    },
    ...Object.entries(ORDER).flatMap(([part, folders]) => upward(part, folders)),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
  },
};
