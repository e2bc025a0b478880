import type { IncomingMessage } from 'node:http';
import { expect, test, vi } from 'vitest';
import { ClientAddress } from './client-address.js';
import { RateLimit } from './rate-limit.js';

function limitAt(clock: { now: number }, addresses = 10): RateLimit {
  return new RateLimit({ burst: 2, perSecond: 1, addresses }, () => clock.now);
}

test('an address may burst, then waits for its share; others are not touched', () => {
  const clock = { now: 0 };
  const limit = limitAt(clock);
  expect([1, 2, 3].map(() => limit.admits('192.0.2.1'))).toEqual([true, true, false]);
  expect(limit.admits('192.0.2.2')).toBe(true);
  clock.now = 1000;
  expect([1, 2].map(() => limit.admits('192.0.2.1'))).toEqual([true, false]);
});

test('a clock that is set back or ahead neither shuts an address out nor lets it burst again', () => {
  const clock = vi.spyOn(Date, 'now');
  try {
    const limit = new RateLimit({ burst: 2, perSecond: 0.001, addresses: 10 });
    clock.mockReturnValue(1_800_000_000_000);
    expect(limit.admits('192.0.2.1')).toBe(true);
    clock.mockReturnValue(1_700_000_000_000);
    expect(limit.admits('192.0.2.1')).toBe(true);
    clock.mockReturnValue(1_900_000_000_000);
    expect(limit.admits('192.0.2.1')).toBe(false);
  } finally {
    clock.mockRestore();
  }
});

test('a /64 of IPv6 counts as one address, however it is written', () => {
  const limit = limitAt({ now: 0 });
  expect(['2001:db8::1', '2001:db8:0:0:9::2', '2001:db8:0:0:1:2:3:4'].map((a) => limit.admits(a))).toEqual([
    true,
    true,
    false,
  ]);
  expect(limit.admits('2001:db8:0:1::1')).toBe(true);
});

test('only so many addresses are remembered', () => {
  const limit = limitAt({ now: 0 }, 1);
  expect([limit.admits('a'), limit.admits('a'), limit.admits('a')]).toEqual([true, true, false]);
  limit.admits('b');
  expect(limit.admits('a')).toBe(true);
});

function from(remoteAddress: string, forwarded: string[] = []): IncomingMessage {
  return { socket: { remoteAddress }, headersDistinct: { 'x-forwarded-for': forwarded } } as unknown as IncomingMessage;
}

test('X-Forwarded-For counts only from a proxy that is trusted, and only up to the first stranger', () => {
  const address = new ClientAddress(['10.0.0.0/8', 'fd00::/8']);
  expect(address.of(from('192.0.2.1', ['198.51.100.7']))).toBe('192.0.2.1');
  expect(address.of(from('10.0.0.1', ['198.51.100.7']))).toBe('198.51.100.7');
  expect(address.of(from('::ffff:10.0.0.1', ['6.6.6.6, 198.51.100.7, 10.1.1.1']))).toBe('198.51.100.7');
  expect(address.of(from('fd00::1', ['198.51.100.7', '203.0.113.9']))).toBe('203.0.113.9');
  expect(address.of(from('10.0.0.1', ['not an address']))).toBe('10.0.0.1');
  expect(new ClientAddress([]).of(from('10.0.0.1', ['198.51.100.7']))).toBe('10.0.0.1');
});
