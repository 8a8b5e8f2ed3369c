import type { IncomingHttpHeaders } from 'node:http';

/** Headers that only proxies add. `_` in a name counts as `-`, because CGI servers treat them alike. */
const ADDED_BY_PROXIES = [
  /^forwarded(?:-|$)/,
  /^x-(?:original-)?forwarded/,
  /^via$/,
  /^(?:x-)?(?:real|true|client|cluster|remote|originating|proxyuser|[a-z]{1,32}-client|[a-z]{1,32}-connecting|[a-z]{1,32}-proxy-client|proxy-client)-?ip(?:v6)?$/,
  /^x-(?:remote-addr|original-(?:host|url|proto|remote-addr)|rewrite-url|host|proxy-[a-z-]{1,64})$/,
  /^x-(?:envoy|azure|amzn|amz-cf|appengine|arr|vercel|akamai|sucuri|scheme|ssl|coming-from|nginx-proxy)(?:-|$)/,
  /^(?:cdn-loop|cf-(?:ray|visitor|ipcountry|worker)|fly-(?:client|forwarded)-[a-z-]{1,64}|fastly-[a-z-]{1,64})$/,
];

/** The first header of a request that only a proxy adds; `undefined` if there is none. */
export const forwardingHeader = (headers: IncomingHttpHeaders): string | undefined =>
  Object.keys(headers).find((name) => {
    const plain = name.toLowerCase().replaceAll('_', '-');
    return ADDED_BY_PROXIES.some((pattern) => pattern.test(plain));
  });
