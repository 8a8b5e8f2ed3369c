import { z } from 'zod';
import {
  choice,
  CONFIG_EXIT,
  ConfigError,
  flag,
  httpUrl,
  isUrl,
  list,
  listenHost,
  port,
  readSettings,
  secret,
  text,
  wholeNumber,
  type SettingProblem,
} from '../../shared/settings.ts';
import { SHARES_SETTING, type SharesSetting } from '../../shared/chat/shares.ts';

/** The settings of the app's process, read from the environment once, at start. */
export interface Config {
  /** True under Vite's development server, which needs a laxer Content-Security-Policy. */
  development: boolean;
  port: number;
  host: string;
  /** The public origins of the app, for example `https://chat.example.com`. Empty: the header `Host` of a request is used. */
  origins: string[];
  sidecar: { url: string; secret: string };
  /** `null`: people do not sign in, but are guests. */
  clerk: ClerkConfig | null;
  /** Signs the guests' cookies; `null` with Clerk. */
  sessionSecret: string | null;
  /** True: everyone who reaches the app may be a guest. False: only people who open it at a loopback name or at one of `origins`. */
  guestsFromAnywhere: boolean;
  /** Number of proxies in front of the app. Each adds its client's network address to `X-Forwarded-For`. */
  trustProxy: number;
  adminUserIds: ReadonlySet<string>;
  /** True: the settings let only this machine reach the app. */
  isForThisMachine: boolean;
  /**
   * Set if people are guests, no administrator is configured, and only this machine reaches the app. The administrator is then the
   * guest who opens the link that `npm start` prints. `file`: stores this guest's id; `null`: `npm start` prints no link.
   */
  firstGuest: { file: string | null } | null;
  /** How long a reader's connection may stay open. Then it is cut, and the reader has to authenticate again. */
  readerMaxMs: number;
  maxRequestBytes: number;
  /** Who may read public pages. */
  shares: SharesSetting;
  /** The URL of the OTLP collector that gets the app's traces; `null`: the app sends none. */
  otlpEndpoint: string | null;
}

export interface ClerkConfig {
  publishableKey: string;
  secretKey: string;
  /** The instance's public key (PEM). With this key, session tokens are verified without the network. */
  jwtKey: string | null;
  /** The URL of the Clerk instance, which is the issuer (`iss`) of its tokens. Its host is in the publishable key. */
  issuer: string;
  /** The origins whose session tokens are accepted (`azp`). */
  authorizedParties: string[];
}

export { ConfigError } from '../../shared/settings.ts';

const MAX_TIMER_MS = 2_147_483_647;
const origins = list
  .refine((items) => items.every((item) => isUrl(item, ['http:', 'https:'])), {
    error: () => 'must be addresses like https://chat.example.com, separated by commas',
  })
  .transform((items) => items.map((item) => new URL(item).origin));

const environmentSchema = z.object({
  NODE_ENV: z.string().default('production'),
  PORT: port().default(3000),
  // Every interface. remix-serve, which can serve the same build, has the same default.
  HOST: listenHost.default('0.0.0.0'),
  APP_ORIGIN: origins.default([]),
  SIDECAR_PORT: port().default(4000),
  SIDECAR_URL: httpUrl.optional(),
  SIDECAR_SECRET: secret.optional(),
  SESSION_SECRET: secret.optional(),
  ALLOW_GUESTS: flag.default(false),
  TRUST_PROXY: wholeNumber({ min: 0, max: 16, unit: 'proxies' }).default(0),
  CLERK_PUBLISHABLE_KEY: text.optional(),
  CLERK_SECRET_KEY: text.optional(),
  CLERK_JWT_KEY: text.optional(),
  ADMIN_USER_IDS: list.default([]),
  SHARES: choice(SHARES_SETTING).default('members'),
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl.optional(),
  FIRST_GUEST_FILE: text.optional(),
  READER_MAX_MS: wholeNumber({ min: 1, max: MAX_TIMER_MS, unit: 'milliseconds' }).default(15 * 60_000),
  MAX_REQUEST_BYTES: wholeNumber({ min: 1024, unit: 'bytes' }).default(1024 * 1024),
});
type Environment = z.infer<typeof environmentSchema>;

let loaded: Config | undefined;

/**
 * The settings of this process. The first call reads them. If settings are invalid, the call prints a line for each of them and
 * ends the process with status 78 (EX_CONFIG).
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
    for (const line of error.message.split('\n')) console.error(`[rejoin] ${line}`);
    process.exit(CONFIG_EXIT);
  }
}

/**
 * Reads the settings from environment variables. A variable with an empty value counts as not set.
 *
 * @throws {ConfigError} that lists all settings that are wrong
 */
export function parseConfig(environment: Record<string, string | undefined>): Config {
  const env = readSettings(environment, environmentSchema, problemsBetween);
  const clerk = clerkConfig(env);
  return {
    development: env.NODE_ENV === 'development',
    port: env.PORT,
    host: env.HOST,
    origins: env.APP_ORIGIN,
    sidecar: { url: env.SIDECAR_URL ?? `http://127.0.0.1:${env.SIDECAR_PORT}`, secret: env.SIDECAR_SECRET! },
    clerk,
    sessionSecret: clerk ? null : env.SESSION_SECRET!,
    guestsFromAnywhere: env.ALLOW_GUESTS,
    trustProxy: env.TRUST_PROXY,
    adminUserIds: new Set(env.ADMIN_USER_IDS),
    isForThisMachine: isForThisMachine(env),
    firstGuest:
      !clerk && isForThisMachine(env) && env.ADMIN_USER_IDS.length === 0
        ? { file: env.FIRST_GUEST_FILE ?? null }
        : null,
    readerMaxMs: env.READER_MAX_MS,
    maxRequestBytes: env.MAX_REQUEST_BYTES,
    shares: env.SHARES,
    otlpEndpoint: env.OTEL_EXPORTER_OTLP_ENDPOINT ?? null,
  };
}

const isForThisMachine = (env: Environment): boolean =>
  !env.ALLOW_GUESTS &&
  env.TRUST_PROXY === 0 &&
  [env.HOST, ...env.APP_ORIGIN.map((address) => new URL(address).hostname)].every(isLoopback);

function clerkConfig(env: Environment): ClerkConfig | null {
  const { CLERK_PUBLISHABLE_KEY: publishableKey, CLERK_SECRET_KEY: secretKey } = env;
  if (!publishableKey || !secretKey) return null;
  const localOrigins = ['localhost', '127.0.0.1'].map((name) => `http://${name}:${env.PORT}`);
  return {
    publishableKey,
    secretKey,
    jwtKey: env.CLERK_JWT_KEY === undefined ? null : asPem(env.CLERK_JWT_KEY),
    issuer: `https://${clerkHost(publishableKey)}`,
    authorizedParties: env.APP_ORIGIN.length > 0 ? env.APP_ORIGIN : localOrigins,
  };
}

/** In .env files and container settings the line breaks of a PEM are often written as \n. */
const asPem = (key: string): string => key.replaceAll('\\n', '\n');

/** The host in a publishable key, which is `pk_test_` or `pk_live_` followed by the host and a `$` in base64; `null` if invalid. */
function clerkHost(publishableKey: string): string | null {
  const encoded = /^pk_(?:test|live)_([A-Za-z0-9+/_-]+=*)$/.exec(publishableKey)?.[1];
  return (encoded && /^([a-z0-9.-]+)\$$/.exec(Buffer.from(encoded, 'base64').toString())?.[1]) || null;
}

/**
 * Problems that the schema does not find: required settings that are missing, wrong keys of Clerk, and settings that do not fit
 * together. If Clerk's publishable key or secret key is set, people are meant to sign in, and both keys are needed. Otherwise
 * everybody is a guest.
 */
function problemsBetween(given: Record<string, string>): SettingProblem[] {
  const missingSecret: SettingProblem[] = given.SIDECAR_SECRET
    ? []
    : [
        {
          setting: 'SIDECAR_SECRET',
          message: 'is not set. `npm start` makes one; otherwise give the one that the sidecar has',
        },
      ];
  const hasClerk = Boolean(given.CLERK_PUBLISHABLE_KEY ?? given.CLERK_SECRET_KEY);
  return [...missingSecret, ...(hasClerk ? clerkProblems(given) : guestProblems(given))];
}

function clerkProblems({
  CLERK_PUBLISHABLE_KEY: publishableKey,
  CLERK_SECRET_KEY: secretKey,
  CLERK_JWT_KEY: jwtKey,
  APP_ORIGIN: appOrigin,
  HOST: listensOn = '0.0.0.0',
}: Record<string, string | undefined>): SettingProblem[] {
  const problems: SettingProblem[] = [];
  const add = (setting: string, message: string) => void problems.push({ setting, message });
  if (!secretKey) add('CLERK_PUBLISHABLE_KEY', 'is set without CLERK_SECRET_KEY: Clerk needs both');
  else if (!publishableKey) add('CLERK_SECRET_KEY', 'is set without CLERK_PUBLISHABLE_KEY: Clerk needs both');
  if (publishableKey && clerkHost(publishableKey.trim()) === null)
    add('CLERK_PUBLISHABLE_KEY', 'is not a publishable key of Clerk: these begin with pk_test_ or pk_live_');
  if (secretKey && !/^sk_(?:test|live)_/.test(secretKey.trim()))
    add('CLERK_SECRET_KEY', 'is not a secret key of Clerk: these begin with sk_test_ or sk_live_');
  const kinds = [publishableKey, secretKey].map((key) => /^[ps]k_(test|live)_/.exec(key?.trim() ?? '')?.[1]);
  if (kinds.every(Boolean) && kinds[0] !== kinds[1])
    add('CLERK_SECRET_KEY', 'and CLERK_PUBLISHABLE_KEY do not fit together: one is for testing and one is live');
  if (jwtKey && !/-----BEGIN (?:RSA )?PUBLIC KEY-----/.test(jwtKey))
    add('CLERK_JWT_KEY', 'is not a public key in PEM: such a key begins with -----BEGIN PUBLIC KEY-----');
  if (!appOrigin && !isLoopback(listensOn.trim()))
    add(
      'APP_ORIGIN',
      'is not set. Set it to the URL of the app, for example https://chat.example.com: with Clerk, and a HOST that is not a loopback address, only session tokens for this URL are accepted',
    );
  return problems;
}

function guestProblems(given: Record<string, string>): SettingProblem[] {
  const problems: SettingProblem[] = [];
  if (given.CLERK_JWT_KEY)
    problems.push({ setting: 'CLERK_JWT_KEY', message: 'is set without CLERK_PUBLISHABLE_KEY and CLERK_SECRET_KEY' });
  if (!given.SESSION_SECRET)
    problems.push({
      setting: 'SESSION_SECRET',
      message: 'is not set. `npm start` makes one; otherwise give any long random text',
    });
  const listensOn = (given.HOST ?? '0.0.0.0').trim();
  const allowsGuests = flag.safeParse(given.ALLOW_GUESTS ?? '0');
  if (!isLoopback(listensOn) && allowsGuests.success && !allowsGuests.data)
    problems.push({
      setting: 'HOST',
      message: `is ${listensOn}, so strangers may reach this app, and nobody has to sign in. Set Clerk's keys, or ALLOW_GUESTS=1 to let everybody in, or HOST=127.0.0.1`,
    });
  return problems;
}

/** True for names and addresses that only this machine reaches. `host`: the setting `HOST`, or a `Host` header without the port. */
export const isLoopback = (host: string): boolean =>
  /^(?:localhost|[a-z0-9-]+\.localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$/i.test(host);
