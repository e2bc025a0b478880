import { asCoded, type CodedError, type ErrorCode } from '#shared/errors.js';
import type { JsonObject } from '#shared/mcp/json-rpc.js';
import type { Injection } from '../../credentials/injection.js';
import { redactText } from '../../credentials/redaction.js';
import type { Listener, ListenFilter, Listening } from '../../upstreams/listening.js';
import { METHOD_NOT_FOUND } from '../../upstreams/session-events.js';
import { UpstreamRefusal } from '../../upstreams/refusal.js';
import { scopeOf } from '../call/forward.js';
import { renewed, withCredential, type CredentialParts } from '../call/with-credential.js';
import type { ListScope } from '../lists/fetch-list.js';
import { EVERY_LIST } from '../lists/list-changes.js';
import type { Parts } from '../parts.js';
import { listNotifications } from './list-notifications.js';

const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 60_000;
/** Asking again would not change these. */
const FINAL = new Set<ErrorCode>(['upstream_invalid', 'upstream_refused', 'server_unknown', 'session_ended']);

/**
 * Hears one server for one client, and begins anew where the server ended it, until `close`. What was missed in between
 * nobody can say, so the client is told that the lists may have changed.
 */
export class ServerEar {
  /** Settles when the server was asked for the first time, whatever it said. */
  readonly ready: Promise<void>;
  #listening: Listening | undefined;
  #timer: NodeJS.Timeout | undefined;
  #pause = FIRST_PAUSE;
  #closed = false;
  /** What the server took no more, until something else was had. */
  #refused: Injection | undefined;
  #renewedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly parts: CredentialParts & { readonly upstreams: Pick<Parts['upstreams'], 'listen'> },
    private readonly server: string,
    private readonly scope: ListScope,
    private readonly filter: ListenFilter,
    private readonly onNotification: (message: JsonObject) => void,
    private readonly onRequest?: Listener['asked'],
  ) {
    this.ready = this.#listen();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#listening?.close();
  }

  async #listen(): Promise<void> {
    const opens = { server: this.server, session: this.scope.session };
    try {
      const given = this.#refused && (await renewed(this.parts, opens, this.#refused));
      if (this.#refused && given === undefined) return;
      this.#refused = undefined;
      this.#listening = await withCredential(this.parts, opens, (injection) => this.#listenBy(injection), given);
      if (this.#closed) this.#listening.close();
    } catch (error) {
      this.#again(error);
    }
  }

  #listenBy(injection: Injection): Promise<Listening> {
    const { session, client, meta, signal } = this.scope;
    const scope = scopeOf({ server: this.server, session, client, injection, signal });
    const { filter, onRequest } = this;
    return this.parts.upstreams.listen(scope, meta, {
      filter,
      notification: (message) => this.#hear(masked(injection.secrets, message)),
      ...(onRequest ? { asked: askedOf(onRequest, injection.secrets) } : {}),
      ended: (error) => this.#ended(error, injection),
    });
  }

  /** A legacy server says only on the stream itself that it takes the credential no more. */
  #ended(error: CodedError, injection: Injection): void {
    const isNews = Date.now() - this.#renewedAt > LONGEST_PAUSE;
    if (!(error instanceof UpstreamRefusal) || error.status !== 401 || !isNews) return this.#again(error);
    this.#renewedAt = Date.now();
    this.#refused = injection;
    if (!this.#closed) void this.#listenAnew();
  }

  #hear(message: JsonObject | undefined): void {
    this.#pause = FIRST_PAUSE;
    if (!this.#closed && message !== undefined) this.onNotification(message);
  }

  #again(error: unknown): void {
    if (this.#closed || FINAL.has(asCoded(error).code)) return;
    this.#timer = setTimeout(() => void this.#listenAnew(), this.#pause);
    this.#timer.unref();
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
  }

  async #listenAnew(): Promise<void> {
    this.#listening = undefined;
    await this.#listen();
    if (this.#listening !== undefined) this.#announce();
  }

  #announce(): void {
    for (const message of listNotifications(EVERY_LIST, this.filter)) {
      if (!this.#closed) this.onNotification(message);
    }
  }
}

function askedOf(onRequest: NonNullable<Listener['asked']>, secrets: readonly string[]): typeof onRequest {
  return (request, reply) => {
    const shown = masked(secrets, request);
    if (shown === undefined) reply(METHOD_NOT_FOUND);
    else onRequest(shown, reply);
  };
}

/** Undefined where it can't be written again: `JSON.parse` takes values that are nested more deeply. */
function masked(secrets: readonly string[], message: JsonObject): JsonObject | undefined {
  try {
    return JSON.parse(redactText(secrets, JSON.stringify(message))) as JsonObject;
  } catch {
    return undefined;
  }
}
