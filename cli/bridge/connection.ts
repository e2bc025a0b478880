import { request as httpRequest, type Agent, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { version } from '../system/executable.js';
import { agentFor, networkError } from '../system/http.js';
import { outcomeUnknown } from './network-faults.js';

/** Milliseconds. */
export interface ConnectionLimits {
  /** From the first look-up to an established (TLS) connection. */
  readonly connect: number;
  /** Without a byte in either direction, while a request waits for its answer. */
  readonly silence: number;
}

const LIMITS: ConnectionLimits = { connect: 15_000, silence: 15 * 60_000 };

/** Idle connections are closed before servers and middleboxes usually do, so that a request seldom meets a dead one. */
const IDLE = 4_000;
const KEEP_ALIVE_PROBE = 15_000;

type Environment = Readonly<Record<string, string | undefined>>;

/** Who asks (RFC 9110 §10.1.5): on record with each call, as our own claim. */
const USER_AGENT = `mcp-sso/${version()} (${process.platform} ${process.arch})`;

/** POSTs to one endpoint of the control plane over kept-alive connections, through the proxy that `env` names. */
export class Connection {
  readonly url: URL;
  readonly #agent: Agent;
  readonly #limits: ConnectionLimits;

  constructor(url: URL, env: Environment, limits: ConnectionLimits = LIMITS) {
    this.url = url;
    this.#limits = limits;
    this.#agent = agentFor(url.origin, env, { timeout: IDLE });
  }

  /**
   * One request, sent once. Nothing leaves before the connection stands, so an error up to then is `network` and one
   * after it is `outcome_unknown`. The caller must read or destroy the answer.
   */
  async post(body: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const length = String(Buffer.byteLength(body));
    const request = this.#request({ ...headers, 'user-agent': USER_AGENT, 'content-length': length }, signal);
    const connecting = setTimeout(() => request.destroy(new TimeoutError()), this.#limits.connect);
    let sent = false;
    request.once('socket', (socket) => {
      whenConnected(socket, () => {
        clearTimeout(connecting);
        if (request.destroyed) return;
        sent = true;
        socket.setKeepAlive(true, KEEP_ALIVE_PROBE);
        request.end(body);
      });
    });
    request.once('timeout', () => request.destroy(new TimeoutError()));
    request.once('response', resolve);
    request.on('error', (error) => {
      clearTimeout(connecting);
      reject(sent ? outcomeUnknown(error.message) : networkError(error, this.url.host));
    });
    return promise;
  }

  close(): void {
    this.#agent.destroy();
  }

  #request(headers: Readonly<Record<string, string>>, signal: AbortSignal): ClientRequest {
    const options = { method: 'POST', agent: this.#agent, headers, signal, timeout: this.#limits.silence };
    return this.url.protocol === 'https:' ? httpsRequest(this.url, options) : httpRequest(this.url, options);
  }
}

class TimeoutError extends Error {
  readonly code = 'ETIMEDOUT';
}

/** `secureConnecting` holds from the start of a TLS socket to the end of its handshake; a plain socket has none. */
function whenConnected(socket: Socket & { secureConnecting?: boolean }, send: () => void): void {
  if (socket.secureConnecting === true) socket.once('secureConnect', send);
  else if (socket.connecting) socket.once('connect', send);
  else send();
}
