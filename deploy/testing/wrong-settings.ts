type Env = Record<string, string>;

/**
 * Settings that cannot be used. The process exits with 78 and prints a line that matches `line`. The line names the setting and what
 * the setting must be, and shows the value, unless the value may be a secret. `npm start` (before it starts anything) and
 * `npm run doctor` print the same line.
 */
export const SETTINGS: [name: string, settings: Env, process: 'sidecar' | 'app', line: RegExp][] = [
  [
    'a value with a unit',
    { LEASE_MS: '5s' },
    'sidecar',
    /LEASE_MS must be a whole number of milliseconds, 300 to 600000; given: 5s/,
  ],
  [
    'a number that is too small',
    { STREAM_TTL_SECONDS: '0' },
    'sidecar',
    /STREAM_TTL_SECONDS must be .* seconds, 1 to .*; given: 0/,
  ],
  ['a fraction', { MAX_STREAMS: '1.5' }, 'sidecar', /MAX_STREAMS must be a whole number of answers .*given: 1\.5/],
  [
    'a number with an exponent',
    { STREAM_MAX_BYTES: '1e6' },
    'sidecar',
    /STREAM_MAX_BYTES must be .* bytes, .*given: 1e6/,
  ],
  [
    'an unknown choice',
    { RECOVERY: 'maybe' },
    'sidecar',
    /RECOVERY must be one of continue, restart, fail; given: maybe/,
  ],
  ['an unknown level', { LOG_LEVEL: 'loud' }, 'sidecar', /LOG_LEVEL must be one of trace, .*given: loud/],
  ['a port that is too large', { SIDECAR_PORT: '70000' }, 'sidecar', /SIDECAR_PORT must be a port, .*given: 70000/],
  [
    'a URL as the address to listen on',
    { HOST: 'http://0.0.0.0' },
    'sidecar',
    /HOST must be an IP address or a host name/,
  ],
  [
    'a short secret',
    { SIDECAR_SECRET: 'hush-hush' },
    'sidecar',
    /SIDECAR_SECRET must be at least 16 characters long\./,
  ],
  ['a Redis URL without a scheme', { REDIS_URL: 'localhost:6379' }, 'sidecar', /REDIS_URL must be a URL like redis:/],
  [
    'a Redis URL that begins with http',
    { REDIS_URL: 'http://u:hush-hush@r' },
    'sidecar',
    /REDIS_URL must be .*given: …@r/,
  ],
  [
    'a Cluster node with two colons',
    { REDIS_CLUSTER_NODES: 'a:b:c' },
    'sidecar',
    /REDIS_CLUSTER_NODES must be addresses like/,
  ],
  [
    'a model server whose URL has no scheme',
    { OPENAI_COMPATIBLE_BASE_URL: 'ollama' },
    'sidecar',
    /OPENAI_COMPATIBLE_BASE_URL must be a URL that begins with http/,
  ],
  [
    'models without a server',
    { OPENAI_COMPATIBLE_MODELS: 'llama3' },
    'sidecar',
    /OPENAI_COMPATIBLE_MODELS has no effect without/,
  ],
  [
    'only the secret key of Clerk',
    { CLERK_SECRET_KEY: 'sk_test_hush-hush' },
    'app',
    /CLERK_SECRET_KEY is set without CLERK_PUBLISHABLE_KEY/,
  ],
  [
    'only the publishable key of Clerk',
    { CLERK_PUBLISHABLE_KEY: `pk_test_${btoa('x.example$')}` },
    'app',
    /CLERK_PUBLISHABLE_KEY is set without CLERK_SECRET_KEY/,
  ],
  [
    'a word as the number of proxies',
    { TRUST_PROXY: 'one' },
    'app',
    /TRUST_PROXY must be a whole number of proxies, 0 to 16; given: one/,
  ],
  ['an origin without a scheme', { APP_ORIGIN: 'chat.example' }, 'app', /APP_ORIGIN must be addresses like/],
  [
    'guests at an address that strangers may reach',
    { HOST: '0.0.0.0' },
    'app',
    /HOST is 0\.0\.0\.0, so strangers may reach this app/,
  ],
];

/**
 * Divides the rows of one process into groups. A process names all wrong settings before it exits, so one run can try a whole group.
 * Settings whose names begin with the same word may depend on each other, so each of them is in a different group.
 */
export function groupsOf(process: 'sidecar' | 'app'): (typeof SETTINGS)[] {
  const seen = new Map<string, number>();
  const rows = SETTINGS.filter((row) => row[2] === process).map((row) => {
    const name = Object.keys(row[1])[0]!;
    // Whether guests are allowed depends on HOST and on Clerk's keys together.
    const subject = /^(HOST|CLERK)/.test(name) ? 'sign-in' : name.split('_')[0]!;
    const group = seen.get(subject) ?? 0;
    seen.set(subject, group + 1);
    return { row, group };
  });
  return [...Map.groupBy(rows, ({ group }) => group).values()].map((group) => group.map(({ row }) => row));
}
