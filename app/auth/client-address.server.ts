import { createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { networkOf } from './network-of.server.ts';

/**
 * The address of the client: the other end of the connection, or, behind `trustProxy` proxies, the address that the
 * outermost proxy has added to `X-Forwarded-For`. Entries further left in that header come from the client and may be false.
 *
 *     X-Forwarded-For: 6.6.6.6, 203.0.113.9      with one proxy: 203.0.113.9
 */
export function clientAddress({ headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>, trustProxy: number) {
  const direct = socket.remoteAddress ?? '';
  if (trustProxy === 0) return direct;
  const forwarded = String(headers['x-forwarded-for'] ?? '')
    .split(',')
    .map((hop) => hop.trim())
    .filter((hop) => hop !== '');
  const said = withoutPort(forwarded[Math.max(0, forwarded.length - trustProxy)] ?? '');
  return isIP(said) === 0 ? direct : said;
}

const withoutPort = (hop: string): string =>
  /^\[(.+)\](?::\d+)?$/.exec(hop)?.[1] ?? hop.replace(/^([\d.]+):\d+$/, '$1');

/**
 * A keyed hash of an address. In the sidecar, guests with the same hash share their limits. Neither the sidecar nor Redis learns
 * the address. For IPv6, only the first 64 bits are hashed, because one customer of a provider usually gets all addresses with the
 * same 64 bits.
 */
export function addressKey(address: string, secret: string): string {
  return createHmac('sha256', secret)
    .update(`guest address\n${networkOf(address)}`)
    .digest('base64url')
    .slice(0, 22);
}
