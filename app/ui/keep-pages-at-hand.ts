/** The data about routes that Remix writes into each page. */
interface RouteManifest {
  routes: Record<string, { id: string; module: string; imports?: string[] } | undefined>;
}

const AFTER_MS = 3_000;

/**
 * Loads the scripts of the other pages with the sidebar some seconds after this page has loaded. When a person opens a page whose
 * script cannot be loaded, Remix reloads the whole page. Without a network, the person would lose the page they are reading.
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
  addEventListener('load', () => setTimeout(load, AFTER_MS), { once: true });
}
