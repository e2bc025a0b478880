import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { providerClock } from '../identity/idp/provider-clock.js';
import { Logger } from '../observability/logger.js';
import { ClockWatch } from './clock-watch.js';

const HOUR = 3_600_000;

/** An identity provider whose clock is off; resolves to its issuer. */
async function provider(offset: number, more: (response: ServerResponse) => void = () => undefined): Promise<string> {
  const server = createServer((_request, response) => {
    response.setHeader('date', new Date(Date.now() + offset).toUTCString());
    more(response);
    response.end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function watch(...issuers: string[]) {
  const log = new PassThrough();
  const clocks = issuers.map((issuer, index) => providerClock(`idp${index}`, issuer));
  const watched = new ClockWatch([clocks], new Logger('info', log));
  onTestFinished(() => watched.onApplicationShutdown());
  return { watched, logged: () => String(log.read() ?? '') };
}

test('an hour off either way is refused at the start, with the provider’s name', async () => {
  await expect(watch(await provider(-HOUR)).watched.start()).rejects.toMatchObject({
    code: 'config_invalid',
    message: 'The clock of this machine is 60 minutes ahead of the identity provider idp0. Set it right (NTP).',
  });
  await expect(watch(await provider(HOUR)).watched.start()).rejects.toThrow('60 minutes behind the identity provider');
  await watch(await provider(0)).watched.start();
});

test('a provider that cannot be asked is a warning', async () => {
  const closed = 'http://127.0.0.1:9';
  const failing = await provider(HOUR, (response) => (response.statusCode = 503));
  const { watched, logged } = watch(closed, failing);
  await watched.start();
  expect(watched.fault).toBeUndefined();
  expect(logged().match(/clock\.unchecked/g)).toHaveLength(2);
});

test('of two providers that disagree, one that agrees with us is enough', async () => {
  const { watched, logged } = watch(await provider(HOUR), await provider(0));
  await watched.start();
  expect(watched.fault).toBeUndefined();
  expect(logged()).toContain('behind the identity provider idp0');
});

test('clocks of another kind do not vote: a database on the same machine may be as wrong', async () => {
  const agreeing = { name: 'the database', limitMs: 60_000, read: async () => Date.now() };
  const wrong = providerClock('idp', await provider(HOUR));
  const watched = new ClockWatch([[agreeing], [wrong]], new Logger('error', new PassThrough().resume()));
  await expect(watched.start()).rejects.toThrow('60 minutes behind the identity provider idp');
});

test('what a cache has kept for an hour is no hour late', async () => {
  const { watched } = watch(await provider(-HOUR, (response) => response.setHeader('age', '3600')));
  await watched.start();
  expect(watched.fault).toBeUndefined();
});

test('while running, a clock that goes wrong is a fault until it is right again', async () => {
  let offset = 0;
  const { watched, logged } = watch(
    await provider(0, (response) => response.setHeader('date', new Date(Date.now() + offset).toUTCString())),
  );
  await watched.start();
  offset = HOUR;
  await watched.check();
  expect(watched.fault).toContain('60 minutes behind the identity provider idp0');
  expect(logged()).toContain('clock.off');
  offset = 0;
  await watched.check();
  expect(watched.fault).toBeUndefined();
});
