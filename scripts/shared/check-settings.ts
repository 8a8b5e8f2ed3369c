import { parseConfig } from '../../app/process/config.server.ts';
import { ConfigError, CONFIG_EXIT, settingLine, type SettingProblem } from '../../shared/settings.ts';
import { readConfig } from '../../sidecar/config.ts';
import type { Env } from './settings.ts';
import { StartError } from './start-error.ts';

const PLACEHOLDER = 'made-by-npm-start-when-it-is-missing';

/** The settings, with the values that `npm start` adds if they are missing. */
export const withStartDefaults = (settings: Env): Env => ({
  HOST: '127.0.0.1',
  SESSION_SECRET: PLACEHOLDER,
  SIDECAR_SECRET: PLACEHOLDER,
  ...settings,
});

export function tryParse<Config>(parse: () => Config): { config: Config | null; problems: readonly SettingProblem[] } {
  try {
    return { config: parse(), problems: [] };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { config: null, problems: error.problems };
  }
}

/** Throws a {@link StartError} that lists all wrong settings of the sidecar and, with `withApp`, of the app. */
export function requireGoodSettings(settings: Env, { withApp }: { withApp: boolean }): void {
  const whole = withStartDefaults(settings);
  const lines = [tryParse(() => readConfig(whole)), ...(withApp ? [tryParse(() => parseConfig(whole))] : [])]
    .flatMap(({ problems }) => problems)
    .map(settingLine);
  if (lines.length > 0) throw new StartError([...new Set(lines)].join('\n'), CONFIG_EXIT);
}
