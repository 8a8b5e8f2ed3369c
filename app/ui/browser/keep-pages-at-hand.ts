/** The data about routes that Remix writes into each page. */
interface RouteManifest {
  routes: Record<string, { id: string; module: string; imports?: string[] } | undefined>;
}

const AFTER_MS = 1_000;

/**
 * A second after this page has loaded, loads the scripts of all other pages that have the sidebar. Otherwise a person who is
 * offline and opens another page would lose the page they are reading: if Remix cannot load a script, it reloads the whole page.
 */
export function keepPagesAtHand(): void {
  const load = () => {
    const { routes } = (window as unknown as { __remixManifest?: RouteManifest }).__remixManifest ?? { routes: {} };
    const known = new Set(
      [...document.querySelectorAll<HTMLLinkElement>('link[rel="modulepreload"]')].map(({ href }) => href),
    );
    for (const route of Object.values(routes)) {
      // The administration is left out: its charts are large, and few people open it.
      if (!route?.id.startsWith('routes/_chat') || route.id.startsWith('routes/_chat.admin')) continue;
      for (const module of [route.module, ...(route.imports ?? [])]) {
        const { href } = new URL(module, location.href);
        if (known.has(href)) continue;
        known.add(href);
        document.head.append(Object.assign(document.createElement('link'), { rel: 'modulepreload', href }));
      }
    }
  };
  const soon = () => setTimeout(load, AFTER_MS);
  // Remix loads this script asynchronously, so the page may have loaded before the script runs.
  if (document.readyState === 'complete') soon();
  else addEventListener('load', soon, { once: true });
}
