import { createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/**
 * The address of the client: the other end of the connection, or, behind `trustProxy` proxies, the address that the
 * outermost proxy has added to `X-Forwarded-For`. Entries further left in that header are claims of the client.
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
 * A keyed hash of an address. The sidecar counts guests by it, and neither the sidecar nor Redis learns the address.
 * For IPv6, only the first 64 bits count, because one connection usually gets all addresses with the same 64 bits.
 */
export function addressKey(address: string, secret: string): string {
  return createHmac('sha256', secret)
    .update(`guest address\n${networkOf(address)}`)
    .digest('base64url')
    .slice(0, 22);
}

/** An IPv4 address unchanged, also if it is written as IPv6 (`::ffff:192.0.2.1`); the /64 of any other address. */
export function networkOf(address: string): string {
  const [bare = ''] = address.split('%', 1);
  if (isIP(bare) !== 6) return bare;
  // `URL` normalizes all forms of an address.
  const [head = '', tail] = new URL(`http://[${bare}]`).hostname.slice(1, -1).split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail ? tail.split(':') : [];
  const groups = [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right];
  const isMapped = groups.slice(0, 6).join() === '0,0,0,0,0,ffff';
  if (!isMapped) return `${groups.slice(0, 4).join(':')}::/64`;
  return groups
    .slice(6)
    .flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff])
    .join('.');
}
