import { z } from 'zod';

/** The settings of the app's process, read from the environment once, at start. */
export interface Config {
  /** True under Vite's development server, which needs a laxer Content-Security-Policy. */
  development: boolean;
  port: number;
  host: string;
  /** Where people reach the app, for example `https://chat.example.com`; empty: not said, so whatever `Host` says. */
  origins: string[];
  sidecar: { url: string; secret: string };
  /** With it people sign in; without it they are guests. */
  clerk: ClerkConfig | null;
  /** Signs the guests' cookies; `null` with Clerk. */
  sessionSecret: string | null;
  /** True: anybody who reaches the app may be a guest. False: only who reaches it by a loopback name. */
  guestsFromAnywhere: boolean;
  /** So many proxies stand before the app, each of which adds to `X-Forwarded-For` whom it was asked by. */
  trustProxy: number;
  adminUserIds: ReadonlySet<string>;
  /**
   * Where nobody is named as administrator and only this machine reaches the app, the guest who opens the link that
   * `npm start` prints may look at `/admin`. `file` holds who that is; `null`: nobody. `null` where it is not so.
   */
  firstGuest: { file: string | null } | null;
  /** How long a reader's connection lives before it is cut and has to authenticate again. */
  readerMaxMs: number;
  maxRequestBytes: number;
  /** Where spans are sent to; `null`: nowhere. */
  otlpEndpoint: string | null;
}

export interface ClerkConfig {
  publishableKey: string;
  secretKey: string;
  /** The instance's public key (PEM): with it session tokens are verified without the network. */
  jwtKey: string | null;
  /** The instance's own address, which is in the publishable key and issues its tokens. */
  issuer: string;
  /** The origins whose session tokens are accepted (`azp`). */
  authorizedParties: string[];
}

/** A setting that is missing or wrong: one line for the person who starts the app. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

const EXIT_BAD_CONFIG = 78;
const MIN_SECRET_CHARS = 16;

const flag = z.stringbool({ truthy: ['1', 'true', 'yes'], falsy: ['0', 'false', 'no'] });
const port = z.coerce.number().int().min(1).max(65_535);
const secret = z.string().min(MIN_SECRET_CHARS, `must have at least ${MIN_SECRET_CHARS} characters`);
const milliseconds = z.coerce.number().int().min(1).max(2_147_483_647);
const commaList = z.string().transform((text) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean),
);
const origin = z.url({ protocol: /^https?$/ }).transform((url) => new URL(url).origin);

const environmentSchema = z.object({
  NODE_ENV: z.string().default('production'),
  PORT: port.default(3000),
  // remix-serve listens on every interface when it is not told otherwise.
  HOST: z.string().default('0.0.0.0'),
  APP_ORIGIN: commaList.pipe(z.array(origin)).default([]),
  SIDECAR_PORT: port.default(4000),
  SIDECAR_URL: z.url({ protocol: /^https?$/ }).optional(),
  SIDECAR_SECRET: secret.optional(),
  SESSION_SECRET: secret.optional(),
  ALLOW_GUESTS: flag.default(false),
  TRUST_PROXY: z.coerce.number().int().min(0).max(16).default(0),
  CLERK_PUBLISHABLE_KEY: z.string().optional(),
  CLERK_SECRET_KEY: z.string().optional(),
  CLERK_JWT_KEY: z.string().optional(),
  ADMIN_USER_IDS: commaList.default([]),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  FIRST_GUEST_FILE: z.string().optional(),
  READER_MAX_MS: milliseconds.default(15 * 60_000),
  MAX_REQUEST_BYTES: z.coerce
    .number()
    .int()
    .min(1024)
    .default(1024 * 1024),
});
type Environment = z.infer<typeof environmentSchema>;

let loaded: Config | undefined;

/**
 * The settings of this process. The first call reads them; where one is wrong it says which in one line and ends the
 * process with status 78 (EX_CONFIG), which a supervisor does not try again.
 */
export function config(): Config {
  loaded ??= loadOrExit();
  return loaded;
}

function loadOrExit(): Config {
  try {
    return parseConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(`[rejoin] ${error.message}`);
    process.exit(EXIT_BAD_CONFIG);
  }
}

/** Throws a {@link ConfigError}. An empty value counts as one that is not set. */
export function parseConfig(environment: Record<string, string | undefined>): Config {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value?.trim()));
  const parsed = environmentSchema.safeParse(given);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw new ConfigError(`The setting ${issue.path[0]?.toString()} is wrong: ${issue.message}.`);
  }
  const env = parsed.data;
  const clerk = clerkConfig(env);
  if (!env.SIDECAR_SECRET) {
    throw new ConfigError(
      'SIDECAR_SECRET is not set. `npm start` makes one; otherwise give the one that the sidecar has.',
    );
  }
  if (!clerk) assertGuestsAllowed(env);
  return {
    development: env.NODE_ENV === 'development',
    port: env.PORT,
    host: env.HOST,
    origins: env.APP_ORIGIN,
    sidecar: { url: env.SIDECAR_URL ?? `http://127.0.0.1:${env.SIDECAR_PORT}`, secret: env.SIDECAR_SECRET },
    clerk,
    sessionSecret: clerk ? null : env.SESSION_SECRET!,
    guestsFromAnywhere: env.ALLOW_GUESTS,
    trustProxy: env.TRUST_PROXY,
    adminUserIds: new Set(env.ADMIN_USER_IDS),
    firstGuest: !clerk && isForThisMachine(env) ? { file: env.FIRST_GUEST_FILE ?? null } : null,
    readerMaxMs: env.READER_MAX_MS,
    maxRequestBytes: env.MAX_REQUEST_BYTES,
    otlpEndpoint: env.OTEL_EXPORTER_OTLP_ENDPOINT ?? null,
  };
}

const isForThisMachine = (env: Environment): boolean =>
  env.ADMIN_USER_IDS.length === 0 &&
  !env.ALLOW_GUESTS &&
  env.TRUST_PROXY === 0 &&
  [env.HOST, ...env.APP_ORIGIN.map((address) => new URL(address).hostname)].every(isLoopback);

function clerkConfig(env: Environment): ClerkConfig | null {
  const { CLERK_PUBLISHABLE_KEY: publishableKey, CLERK_SECRET_KEY: secretKey } = env;
  if (!publishableKey && !secretKey) {
    if (env.CLERK_JWT_KEY)
      throw new ConfigError('CLERK_JWT_KEY is set without CLERK_PUBLISHABLE_KEY and CLERK_SECRET_KEY.');
    return null;
  }
  if (!publishableKey || !secretKey) {
    const [has, lacks] = publishableKey ? ['PUBLISHABLE', 'SECRET'] : ['SECRET', 'PUBLISHABLE'];
    throw new ConfigError(`CLERK_${has}_KEY is set without CLERK_${lacks}_KEY: Clerk needs both.`);
  }
  if (env.APP_ORIGIN.length === 0 && !isLoopback(env.HOST)) {
    throw new ConfigError(
      'APP_ORIGIN is not set: with Clerk, and a HOST that is not a loopback address, it says whose session tokens count, for example https://chat.example.com.',
    );
  }
  const localOrigins = ['localhost', '127.0.0.1'].map((name) => `http://${name}:${env.PORT}`);
  return {
    publishableKey,
    secretKey,
    // In .env files and container settings the line breaks of a PEM are often written as \n.
    jwtKey: env.CLERK_JWT_KEY?.replaceAll('\\n', '\n') ?? null,
    issuer: issuerOf(publishableKey),
    authorizedParties: env.APP_ORIGIN.length > 0 ? env.APP_ORIGIN : localOrigins,
  };
}

/** A publishable key is `pk_test_` or `pk_live_` and, in base64, the host of the instance and a `$`. */
function issuerOf(publishableKey: string): string {
  const encoded = /^pk_(?:test|live)_([A-Za-z0-9+/_-]+=*)$/.exec(publishableKey)?.[1];
  const host = encoded && /^([a-z0-9.-]+)\$$/.exec(Buffer.from(encoded, 'base64').toString())?.[1];
  if (!host) throw new ConfigError('The setting CLERK_PUBLISHABLE_KEY is wrong: it is not a publishable key of Clerk.');
  return `https://${host}`;
}

function assertGuestsAllowed(env: Environment): void {
  if (!env.SESSION_SECRET) {
    throw new ConfigError('SESSION_SECRET is not set. `npm start` makes one; otherwise give any long random text.');
  }
  if (!isLoopback(env.HOST) && !env.ALLOW_GUESTS) {
    throw new ConfigError(
      `HOST is ${env.HOST}, so strangers may reach this app, and nobody has to sign in. Set Clerk's keys, or ALLOW_GUESTS=1 to let everybody in, or HOST=127.0.0.1.`,
    );
  }
}

/** True for names and addresses that only this machine reaches, as in `HOST` or in a `Host` header without its port. */
export const isLoopback = (host: string): boolean =>
  /^(?:localhost|[a-z0-9-]+\.localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$/i.test(host);
