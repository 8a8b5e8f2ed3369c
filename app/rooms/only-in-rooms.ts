import { lazy, type ComponentType } from 'react';

/**
 * A component that most pages never show, so that a browser loads it only with a page that shows it. The server has it at
 * once: it is in the page's HTML, also without JavaScript, and stays as it is until the browser has the component. Put it into a
 * `Suspense`.
 *
 * @param onServer the component, in the build of the server; `null` in that of the browser
 */
export function onlyInRooms<Props extends object>(
  onServer: ComponentType<Props> | null,
  load: () => Promise<ComponentType<Props>>,
): ComponentType<Props> {
  if (onServer) return onServer;
  const component = lazy(() =>
    load().then(
      (loaded) => ({ default: loaded }),
      // Without a network the page is shown without it.
      () => ({ default: (() => null) as ComponentType<Props> }),
    ),
  );
  return component as unknown as ComponentType<Props>;
}
