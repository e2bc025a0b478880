import http from 'node:http';
import https from 'node:https';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { hostWithoutBrackets } from './host.js';
import type { Proxy, Route } from './route.js';

/** The proxy answered something else than 200. */
export class ProxyRefusal extends Error {
  constructor(readonly status: number) {
    super(`the proxy answered with ${status}`);
  }
}

function portOf({ port, protocol }: URL): number {
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
}

/** A connection to where `origin` is, directly or through a tunnel. Rejects with the system's error or ProxyRefusal. */
export function openSocket(origin: URL, route: Route, signal: AbortSignal): Promise<Socket> {
  return route.kind === 'proxy' ? openTunnel(origin, route.proxy, signal) : openDirect(origin, signal);
}

function openDirect(origin: URL, signal: AbortSignal): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const socket = connectTcp({ host: hostWithoutBrackets(origin), port: portOf(origin) });
  endWith(socket, signal);
  socket.once('connect', () => resolve(socket));
  socket.on('error', reject);
  return promise;
}

/** `CONNECT` (RFC 9110 §9.3.6), with user name and password where the proxy's address has them. */
function openTunnel(origin: URL, { address }: Proxy, signal: AbortSignal): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const target = `${origin.hostname}:${portOf(origin)}`;
  const { username, password } = address;
  const credentials = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64');
  const request = (address.protocol === 'https:' ? https : http).request({
    method: 'CONNECT',
    host: hostWithoutBrackets(address),
    port: portOf(address),
    path: target,
    headers: { host: target, ...(username || password ? { 'proxy-authorization': `Basic ${credentials}` } : {}) },
    agent: false,
    signal,
  });
  request.once('connect', ({ statusCode = 0 }, socket) => {
    endWith(socket, signal);
    socket.on('error', reject);
    if (statusCode === 200) return resolve(socket);
    socket.destroy();
    return reject(new ProxyRefusal(statusCode));
  });
  request.once('response', (response) => {
    response.destroy();
    reject(new ProxyRefusal(response.statusCode ?? 0));
  });
  request.on('error', reject);
  request.end();
  return promise;
}

/**
 * A TLS connection whose certificate nobody has judged yet, so that it can be looked at: only what is not secret may be
 * sent on it, and nothing that comes back believed. Rejects with the system's error.
 */
export async function openUnverified(origin: URL, route: Route, signal: AbortSignal): Promise<TLSSocket> {
  const socket = await openSocket(origin, route, signal);
  const { promise, resolve, reject } = Promise.withResolvers<TLSSocket>();
  const host = hostWithoutBrackets(origin);
  const isName = /[a-z]/i.test(host) && !host.includes(':');
  const secure = connectTls({ socket, host, ...(isName ? { servername: host } : {}), rejectUnauthorized: false });
  endWith(secure, signal);
  secure.once('secureConnect', () => resolve(secure));
  secure.on('error', reject);
  secure.once('close', () => reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
  return promise;
}

function endWith(socket: { destroy(error?: Error): unknown }, signal: AbortSignal): void {
  signal.addEventListener('abort', () => socket.destroy(), { once: true });
}
