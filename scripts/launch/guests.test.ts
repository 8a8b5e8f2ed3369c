import { describe, expect, test } from 'vitest';
import { guestSettings } from './guests.ts';

const secrets = { SIDECAR_SECRET: 's'.repeat(32), SESSION_SECRET: 's'.repeat(32) };
const own = { ...secrets, HOST: '127.0.0.1' };

describe('whether guests may write in rooms', () => {
  test('if only this machine reaches the app, guests may', () => {
    expect(guestSettings(own)).toEqual({ GUESTS_MAY_EDIT: '1' });
    expect(guestSettings({ ...own, ADMIN_USER_IDS: 'someone' })).toEqual({ GUESTS_MAY_EDIT: '1' });
    expect(guestSettings({ ...own, GUESTS_MAY_EDIT: '' })).toEqual({ GUESTS_MAY_EDIT: '1' });
  });

  test.each([
    ['the app listens on all addresses', { HOST: '0.0.0.0' }],
    ['guests come from anywhere', { ALLOW_GUESTS: '1' }],
    ['a proxy is in front', { TRUST_PROXY: '1' }],
    ['the app has a public address', { APP_ORIGIN: 'https://chat.example.com' }],
    [
      'people sign in',
      { CLERK_PUBLISHABLE_KEY: `pk_test_${btoa('clerk.example.com$')}`, CLERK_SECRET_KEY: `sk_test_${'k'.repeat(30)}` },
    ],
    ['the settings are wrong', { PORT: 'none' }],
  ])('if %s, GUESTS_MAY_EDIT is not set', (_what, settings) => {
    expect(guestSettings({ ...own, ...settings })).toEqual({});
  });

  test('a setting of the operator stays', () => {
    expect(guestSettings({ ...own, GUESTS_MAY_EDIT: '0' })).toEqual({});
  });
});
