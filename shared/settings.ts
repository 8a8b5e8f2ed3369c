import { z } from 'zod';

/** Gives a check of zod an error text that says what the setting must be. {@link settingLine} adds the setting's name and value. */
const must = (what: string) => ({ error: () => `must be ${what}` });

/** A whole number in plain digits: neither `5s` nor `1e3` nor `0x10`. */
export function wholeNumber({ min, max, unit }: { min: number; max?: number; unit: string }) {
  const range = max === undefined ? `at least ${min}` : `${min} to ${max}`;
  const what = must(`a whole number of ${unit}, ${range}`);
  return z
    .string()
    .trim()
    .regex(/^-?\d{1,15}$/, what)
    .transform(Number)
    .pipe(
      z
        .number()
        .min(min, what)
        .max(max ?? Number.MAX_SAFE_INTEGER, what),
    );
}

export const port = ({ min = 1 }: { min?: number } = {}) => {
  const what = must(`a port, ${min} to 65535`);
  return z
    .string()
    .trim()
    .regex(/^\d{1,5}$/, what)
    .transform(Number)
    .pipe(z.number().min(min, what).max(65_535, what));
};

/** A whole number; 0 means no limit. */
export const limit = (unit: string) => wholeNumber({ min: 0, unit: `${unit} (0: no limit)` });

export const positiveNumber = (unit: string) => {
  const what = must(`a positive number of ${unit}, for example 1 or 0.5`);
  return z
    .string()
    .trim()
    .regex(/^\d{1,9}(?:\.\d{1,9})?$/, what)
    .transform(Number)
    .pipe(z.number().positive(what));
};

export const choice = <const Values extends readonly [string, ...string[]]>(values: Values) =>
  z.enum(values, must(`one of ${values.join(', ')}`));

const YES = ['1', 'true', 'yes'];
const NO = ['0', 'false', 'no'];
export const flag = z
  .string()
  .trim()
  .toLowerCase()
  .refine((value) => YES.includes(value) || NO.includes(value), must('1 (yes) or 0 (no)'))
  .transform((value) => YES.includes(value));

export const text = z.string().trim();

/** Texts that are separated by commas. */
export const list = z.string().transform((value) =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
);

export const MIN_SECRET_CHARS = 16;
export const secret = z
  .string()
  .trim()
  .min(MIN_SECRET_CHARS, must(`at least ${MIN_SECRET_CHARS} characters long`));

export const httpUrl = z
  .string()
  .trim()
  .refine((value) => isUrl(value, ['http:', 'https:']), must('a URL that begins with http:// or https://'));

const hostText = (purpose: string) =>
  z
    .string()
    .trim()
    .refine(
      (value) => /^[A-Za-z0-9._-]+$/.test(value) || /^[0-9A-Fa-f:.]+$/.test(value),
      must(`an IP address or a host name${purpose}, without http:// and without a port`),
    );
export const host = hostText('');
/** An IP address or a host name of this machine, on which a server listens. */
export const listenHost = hostText(' to listen on');

export function isUrl(value: string, protocols: readonly string[]): boolean {
  const url = URL.parse(value);
  return url !== null && protocols.includes(url.protocol) && url.hostname !== '';
}

/** A setting that is missing or wrong. */
export interface SettingProblem {
  setting: string;
  /** What follows the name of the setting in the error line: "must be …", "is missing". */
  message: string;
  /** The given value. Left out if there is none, or if it may be a secret. */
  given?: string;
}

/** Some settings are wrong. The message has one line for each of them. A process exits with {@link CONFIG_EXIT} on this error. */
export class ConfigError extends Error {
  override name = 'ConfigError';
  readonly problems: readonly SettingProblem[];
  constructor(problems: readonly SettingProblem[]) {
    super(problems.map(settingLine).join('\n'));
    this.problems = problems;
  }
}
/** The exit code `EX_CONFIG` of sysexits.h. It means that restarting the process does not help. */
export const CONFIG_EXIT = 78;

/** For example: `LEASE_MS must be a whole number of milliseconds, 300 to 600000; given: soon.` */
export const settingLine = ({ setting, message, given }: SettingProblem): string =>
  `${setting} ${message}${given === undefined ? '' : `; given: ${given}`}.`;

type Environment = Record<string, string | undefined>;

/** Empty values count as missing, because `.env.example` lists settings with empty values. */
const givenSettings = (environment: Environment): Record<string, string> =>
  Object.fromEntries(
    Object.entries(environment).filter((entry): entry is [string, string] => (entry[1] ?? '').trim() !== ''),
  );

/**
 * Parses the settings. `check` finds problems that the schema cannot find, for example in settings that are valid only together.
 *
 * @throws {ConfigError} with the problems from the schema and from `check`
 */
export function readSettings<Schema extends z.ZodObject>(
  environment: Environment,
  schema: Schema,
  check: (given: Record<string, string>) => SettingProblem[],
): z.output<Schema> {
  const given = givenSettings(environment);
  const parsed = schema.safeParse(given);
  const wrong = parsed.success
    ? []
    : parsed.error.issues.map(({ path, message }): SettingProblem => {
        const setting = String(path[0]);
        return { setting, message, given: shownValue(setting, given[setting]) };
      });
  const problems = [...wrong, ...check(given)];
  // One problem per setting is enough.
  const bySetting = new Map<string, SettingProblem>();
  for (const problem of problems) if (!bySetting.has(problem.setting)) bySetting.set(problem.setting, problem);
  if (!parsed.success || bySetting.size > 0) throw new ConfigError([...bySetting.values()]);
  return parsed.data;
}

const SECRET_NAME = /SECRET|PASSWORD|TOKEN|_KEY$|KEYS$/;
const MAX_SHOWN_CHARS = 80;

/** The value as it may be shown: URLs lose their login and query, and long values are cut. `undefined` for a setting with a secret. */
export function shownValue(setting: string, value: string | undefined): string | undefined {
  if (value === undefined || SECRET_NAME.test(setting)) return undefined;
  const isAddress = setting.endsWith('_URL') || /:\/\/|@/.test(value);
  const safe = isAddress ? value.split(BETWEEN_ADDRESSES).map(withoutLogin).join(',') : value;
  const shown = safe.slice(0, MAX_SHOWN_CHARS + 1).replaceAll(/\p{Cc}/gu, ' ');
  return shown.length > MAX_SHOWN_CHARS ? `${shown.slice(0, MAX_SHOWN_CHARS)}…` : shown;
}

/** The comma between two addresses. A password may contain commas, too, so a comma matches only if an address comes after it. */
const BETWEEN_ADDRESSES = /,(?=\s*\w+:\/\/|\s*[\w.-]+(?::\d+)?\s*(?:,|$))/;

/** Leaves out the query and everything that may be a part of a login. Of an invalid address, at most the scheme stays. */
function withoutLogin(address: string): string {
  const text = address.trim();
  const [scheme = ''] = /^\w+:\/\//.exec(text) ?? [];
  const rest = text.slice(scheme.length).split('?', 1)[0]!;
  const afterLogin = rest.slice(rest.lastIndexOf('@') + 1);
  if (afterLogin === '' && rest !== '') return '…@';
  if (!/^(?:[\w.-]+|\[[\da-fA-F:.]+\])(?::\d*)?(?:\/.*)?$/s.test(afterLogin)) return `${scheme}…`;
  return afterLogin === rest ? text.split('?', 1)[0]! : `…@${afterLogin}`;
}
