import { useFetcher, useLocation, useRouteLoaderData } from '@remix-run/react';
import { Icon } from '~/ui/icon.tsx';

const THEMES = [
  { theme: 'system', label: 'As the system', icon: 'screen' },
  { theme: 'light', label: 'Light', icon: 'sun' },
  { theme: 'dark', label: 'Dark', icon: 'moon' },
] as const;

type Theme = (typeof THEMES)[number]['theme'];

/** Light, dark or as the system is: a form, and with a script at once. `labelled`: with words beside the signs. */
export function ThemeSwitch({ labelled = false }: { labelled?: boolean }) {
  const fetcher = useFetcher();
  const { pathname, search } = useLocation();
  const current = useRouteLoaderData<{ theme: Theme }>('root')?.theme ?? 'system';
  const chosen = (fetcher.formData?.get('theme') as Theme | null) ?? current;
  return (
    <fetcher.Form method="post" action="/settings">
      <input type="hidden" name="returnTo" value={pathname + search} />
      <input type="hidden" name="intent" value="theme" />
      <span className={labelled ? '-mx-1.5 flex flex-wrap gap-2' : 'flex'} role="group" aria-label="Theme">
        {THEMES.map(({ theme, label, icon }) => (
          <button
            key={theme}
            className={`icon-button ${theme === chosen ? 'text-accent' : ''}`}
            name="theme"
            value={theme}
            aria-label={label}
            title={label}
            aria-pressed={theme === chosen}
            onClick={() => show(theme)}
          >
            <Icon name={icon} />
            {labelled && label}
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
