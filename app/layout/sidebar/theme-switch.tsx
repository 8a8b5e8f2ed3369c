import { useFetcher, useLocation, useRouteLoaderData } from '@remix-run/react';
import { Icon } from '~/ui/icon.tsx';
import { useWords } from '~/words/words.ts';

const THEMES = [
  { theme: 'system', icon: 'screen' },
  { theme: 'light', icon: 'sun' },
  { theme: 'dark', icon: 'moon' },
] as const;

type Theme = (typeof THEMES)[number]['theme'];

/**
 * Switches between the light, the dark and the system's theme. With JavaScript, the theme changes immediately. Without JavaScript, the
 * browser sends the form and loads the page again.
 */
export function ThemeSwitch() {
  const { settings } = useWords();
  const fetcher = useFetcher();
  const { pathname, search } = useLocation();
  const current = useRouteLoaderData<{ theme: Theme }>('root')?.theme ?? 'system';
  const chosen = (fetcher.formData?.get('theme') as Theme | null) ?? current;
  return (
    <fetcher.Form method="post" action="/settings">
      <input type="hidden" name="returnTo" value={pathname + search} />
      <input type="hidden" name="intent" value="theme" />
      <span className="choices" role="group" aria-label={settings.theme}>
        {THEMES.map(({ theme, icon }) => (
          <button
            key={theme}
            className="choice"
            name="theme"
            value={theme}
            aria-pressed={theme === chosen}
            onClick={() => show(theme)}
          >
            <Icon name={icon} /> {settings[theme]}
          </button>
        ))}
      </span>
    </fetcher.Form>
  );
}

function show(theme: Theme): void {
  const { dataset, classList } = document.documentElement;
  if (theme === 'system') delete dataset.theme;
  else dataset.theme = theme;
  classList.toggle('dark', theme === 'dark');
}
