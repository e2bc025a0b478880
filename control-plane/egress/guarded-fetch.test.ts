import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import * as oidc from 'openid-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TlsServer } from '../../test/support/tls-server.js';
import { guardedFetch } from './guarded-fetch.js';
import type { Resolve } from './guarded-connector.js';
import { LOOPBACK } from './testing/loopback.js';

let secure: TlsServer;
let plain: Server;
let port: number;

beforeAll(async () => {
  secure = await TlsServer.start();
  plain = createServer((_request, response) => void response.end('{}'));
  plain.listen(0, '127.0.0.1');
  await once(plain, 'listening');
  ({ port } = plain.address() as AddressInfo);
});
afterAll(async () => {
  await secure[Symbol.asyncDispose]();
  plain.close();
});

/** A name server that gives these answers, one after the other. */
function answers(...each: readonly string[][]) {
  const asked: string[] = [];
  const resolve: Resolve = (name, _options, done) => {
    const found = each[Math.min(asked.push(name), each.length) - 1] ?? [];
    done(
      null,
      found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };
  return { asked, resolve };
}

test('what an authorization server publishes and answers', async () => {
  const fetch = guardedFetch({ privateNetworks: LOOPBACK, ca: secure.ca });
  secure.answer = (request, response) => {
    response.writeHead(201, { 'content-type': 'application/json', 'www-authenticate': ['DPoP', 'Bearer'] });
    request.setEncoding('utf8').once('data', (text: string) => {
      response.end(JSON.stringify({ text, type: request.headers['content-type'], method: request.method }));
    });
  };
  const answer = await fetch(secure.origin, { method: 'POST', body: new URLSearchParams({ a: '1 2' }) });
  expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([201, 'DPoP, Bearer']);
  expect(await answer.json()).toEqual({
    text: 'a=1+2',
    type: 'application/x-www-form-urlencoded;charset=UTF-8',
    method: 'POST',
  });
});

test('openid-client goes through it', async () => {
  const fetch = guardedFetch({ privateNetworks: LOOPBACK, ca: secure.ca });
  secure.answer = (_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ issuer: secure.origin, token_endpoint: `${secure.origin}/token` }));
  };
  const options = { algorithm: 'oauth2', [oidc.customFetch]: fetch } as const;
  const config = await oidc.discovery(new URL(secure.origin), 'client', undefined, undefined, options);
  expect(config.serverMetadata().token_endpoint).toBe(`${secure.origin}/token`);
});

test('http only where the network is written down', async () => {
  const answer = await guardedFetch({ privateNetworks: LOOPBACK })(`http://127.0.0.1:${port}/`);
  expect(await answer.text()).toBe('{}');
  const elsewhere = guardedFetch({ privateNetworks: LOOPBACK, resolve: answers(['1.1.1.1']).resolve });
  await expect(elsewhere('http://login.test/')).rejects.toThrow('login.test is at 1.1.1.1');
});

test('of what the internet names, no private address is asked; an answer says where it came from', async () => {
  const fetch = guardedFetch({ privateNetworks: LOOPBACK, ca: secure.ca });
  secure.answer = (_request, response) => void response.end();
  expect((await fetch(secure.origin)).from).toBe('private');
  const before = secure.requests;
  for (const url of [secure.origin, `http://127.0.0.1:${port}/`]) {
    await expect(fetch(url, { reach: 'public' })).rejects.toMatchObject({ name: 'AddressRefused' });
  }
  expect(secure.requests).toBe(before);
});

test.for([
  ['127.0.0.1', '127.0.0.1'],
  ['2130706433', '127.0.0.1'],
  ['0177.0.0.1', '127.0.0.1'],
  ['0x7f.1', '127.0.0.1'],
  ['127.1', '127.0.0.1'],
  ['[::1]', '::1'],
  ['[::ffff:127.0.0.1]', '::ffff:7f00:1'],
  ['169.254.169.254', '169.254.169.254'],
  ['[fd00:ec2::254]', 'fd00:ec2::254'],
])('https://%s/ is refused as %s', async ([host, address]) => {
  await expect(guardedFetch({ privateNetworks: [] })(`https://${host}/`)).rejects.toMatchObject({
    name: 'AddressRefused',
    address,
  });
});

test('a name is resolved once, and one private address among those it has is enough', async () => {
  secure.answer = (_request, response) => void response.end();
  const before = secure.requests;
  const rebound = answers(['127.0.0.1'], ['10.0.0.1']);
  const fetch = guardedFetch({ privateNetworks: LOOPBACK, ca: secure.ca, resolve: rebound.resolve });
  expect((await fetch(secure.origin)).status).toBe(200);
  expect(rebound.asked).toEqual(['localhost']);
  await expect(fetch(secure.origin)).rejects.toThrow('localhost is at 10.0.0.1, which is not public');
  const mixed = guardedFetch({
    privateNetworks: [],
    ca: secure.ca,
    resolve: answers(['1.1.1.1', '127.0.0.1']).resolve,
  });
  await expect(mixed(secure.origin)).rejects.toMatchObject({ address: '127.0.0.1', host: 'localhost' });
  expect(secure.requests - before).toBe(1);
});

test('a redirect is an answer like any other, and what is too long is none', async () => {
  const fetch = guardedFetch({ privateNetworks: LOOPBACK, ca: secure.ca });
  const before = secure.requests;
  secure.answer = (_request, response) => void response.writeHead(307, { location: secure.origin }).end();
  expect((await fetch(secure.origin, { method: 'POST', body: 'client_secret=x' })).status).toBe(307);
  secure.answer = (_request, response) => void response.end(Buffer.alloc(1024 * 1024 + 1, 'x'));
  await expect(fetch(secure.origin)).rejects.toThrow('the answer has more than 1048576 bytes');
  expect(secure.requests - before).toBe(2);
});

test('nothing but http and https, and no name and password in the address', async () => {
  const fetch = guardedFetch({ privateNetworks: LOOPBACK });
  const places = ['file:///etc/passwd', 'data:,x', `http://a:b@127.0.0.1:${port}/`];
  for (const url of places) await expect(fetch(url)).rejects.toBeInstanceOf(Error);
});

test('whoever asked may stop', async () => {
  secure.answer = (_request, response) => void response.write('{');
  const stop = new AbortController();
  const asking = guardedFetch({ privateNetworks: LOOPBACK, ca: secure.ca })(secure.origin, { signal: stop.signal });
  stop.abort(new Error('stopped'));
  await expect(asking).rejects.toThrow('stopped');
});
