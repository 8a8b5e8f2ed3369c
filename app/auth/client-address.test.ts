import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { addressKey, clientAddress } from './client-address.server.ts';
import { networkOf } from './network-of.server.ts';

const from = (remoteAddress: string, forwarded?: string) =>
  ({
    socket: { remoteAddress },
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
  }) as IncomingMessage;

describe('the address of a client', () => {
  test('is the other end of the connection if no proxy is trusted, whatever the headers say', () => {
    expect(clientAddress(from('198.51.100.7', '6.6.6.6'), 0)).toBe('198.51.100.7');
  });

  test.each([
    { proxies: 1, header: '203.0.113.9' },
    { proxies: 1, header: '6.6.6.6, 203.0.113.9' },
    { proxies: 2, header: '6.6.6.6, 203.0.113.9, 10.0.0.2' },
    { proxies: 1, header: '6.6.6.6,203.0.113.9:4711' },
    { proxies: 2, header: '203.0.113.9' },
  ])(
    'behind $proxies proxies that send "$header" is the address that the outermost proxy added',
    ({ proxies, header }) => {
      expect(clientAddress(from('10.0.0.1', header), proxies)).toBe('203.0.113.9');
    },
  );

  test.each([undefined, '', 'unknown', '6.6.6.6, nonsense'])(
    'is the other end of the connection if the header of the proxy does not end with an address (%s)',
    (header) => {
      expect(clientAddress(from('10.0.0.1', header), 1)).toBe('10.0.0.1');
    },
  );

  test('is also found if the header has an IPv6 address in brackets with a port', () => {
    expect(clientAddress(from('10.0.0.1', '[2001:db8::1]:443'), 1)).toBe('2001:db8::1');
  });
});

describe('the network', () => {
  test.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::ffff:c000:0201', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002::', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['', ''],
  ])('of "%s" is "%s"', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });

  test('has one key for all its addresses, and another key with another secret', () => {
    const key = addressKey('2001:db8:1:2::1', 'a secret');
    expect(key).toMatch(/^[A-Za-z0-9_-]{22}$/);
    expect(addressKey('2001:db8:1:2:ffff::2', 'a secret')).toBe(key);
    expect(addressKey('2001:db8:1:3::1', 'a secret')).not.toBe(key);
    expect(addressKey('2001:db8:1:2::1', 'another secret')).not.toBe(key);
  });
});
