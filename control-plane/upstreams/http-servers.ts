import { BATCH_VERSION } from '#shared/mcp/batch.js';
import { asCoded, CodedError } from '#shared/errors.js';
import { discoverResult, lowerRequest } from '#shared/mcp/eras.js';
import type { JsonObject, JsonRpcNotification, RequestId } from '#shared/mcp/json-rpc.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import type { Era } from '#shared/mcp/meta.js';
import type { ServerSettings } from '../config/settings.js';
import { answerOf, type BegunAnswer } from './answer.js';
import { discard } from './answer-body.js';
import { beforeTheCall } from './before-the-call.js';
import type { Connections } from './connections.js';
import { Editions } from './editions.js';
import { EraBook } from './era-book.js';
import { castsDoubt } from './era-verdict.js';
import type { Exchange, ResponseBody } from './exchange.js';
import {
  answerServer,
  notify,
  openSession,
  postLegacy,
  resumeAnswer,
  tellLogLevel,
  type LegacyPeer,
} from './legacy-protocol.js';
import { LegacySessions, type LegacySession } from './legacy-sessions.js';
import type { UpstreamLimits } from './limits.js';
import { listenRequest, readNotifications, type Listener, type Listening } from './listening.js';
import { discover, postModern, type Discovery } from './modern-protocol.js';
import { requireTaken } from './refusal.js';
import { ResumableBody } from './resumable-body.js';
import { withoutBatches } from './split-body.js';
import type { Transport } from './transport.js';
import { urlOf, type Addressed, type UpstreamAnswer, type UpstreamRequest } from './upstream-request.js';

/** Servers over streamable HTTP, each in its own era. */
export class HttpServers implements Transport {
  readonly #editions = new Editions();
  readonly #eras: EraBook;
  readonly #sessions: LegacySessions;

  constructor(
    private readonly connections: Connections,
    private readonly limits: UpstreamLimits,
  ) {
    this.#eras = new EraBook(limits.legacyVerdict);
    this.#sessions = new LegacySessions(limits);
  }

  async open(request: Addressed<UpstreamRequest>): Promise<UpstreamAnswer> {
    return await this.#open(request, false);
  }

  async describe(scope: Addressed): Promise<JsonObject> {
    const session = await beforeTheCall(this.#sessionOf(scope));
    if (session !== undefined) return discoverResult(session.initialize);
    const { era, result } = await beforeTheCall(this.#discover(scope, scope.signal));
    if (era === 'modern' && isObject(result)) return result;
    this.#eras.forget(scope.settings);
    if (era === 'legacy') return discoverResult((await beforeTheCall(this.#session(scope))).initialize);
    throw new CodedError('upstream_invalid', { detail: 'server/discover has no result' });
  }

  async notify(scope: Addressed, message: JsonRpcNotification): Promise<void> {
    const session = await beforeTheCall(this.#sessionOf(scope));
    if (session !== undefined) {
      return await notify(
        this.#peer(scope.settings),
        scope.access,
        session,
        { ...lowerRequest(message) },
        scope.signal,
      );
    }
    const exchange = postModern(this.connections, urlOf(scope.settings), { ...scope, message });
    const head = await exchange.head;
    discard(exchange);
    requireTaken(head);
  }

  async listen(scope: Addressed, meta: JsonObject, listener: Listener): Promise<Listening> {
    const session = await beforeTheCall(this.#sessionOf(scope));
    if (session !== undefined) {
      await tellLogLevel(this.#peer(scope.settings), session, { ...scope, message: { params: { _meta: meta } } });
      return session.events.listen(listener);
    }
    const stop = new AbortController();
    const signal = AbortSignal.any([scope.signal, stop.signal]);
    const request = { ...scope, signal, message: listenRequest(meta, listener.filter) };
    const exchange = postModern(this.connections, urlOf(scope.settings), request, { idle: 0, stream: true });
    const late = new CodedError('upstream_timeout', { detail: 'the stream was not opened in time' });
    const timer = setTimeout(() => stop.abort(late), this.limits.question);
    const { form, body } = await this.#modernAnswer(exchange, scope.settings).finally(() => clearTimeout(timer));
    if (form !== 'events') {
      discard(body);
      throw new CodedError('upstream_invalid', { detail: 'subscriptions/listen was not answered with a stream' });
    }
    readNotifications(body, listener, this.limits.answer);
    return { close: () => stop.abort(new CodedError('interrupted')) };
  }

  endPartition(partition: string, client?: string): void {
    if (client === undefined) this.#sessions.closePartition(partition);
    else this.#sessions.closeClient(partition, client);
  }

  closeIdle(): void {
    this.#sessions.closeIdle();
  }

  close(): void {
    this.#sessions.closeAll();
  }

  /** `again`: the server had forgotten the session. */
  async #open(request: Addressed<UpstreamRequest>, again: boolean): Promise<UpstreamAnswer> {
    const session = await beforeTheCall(this.#sessionOf(request));
    if (session === undefined) return await this.#openModern(request);
    const peer = this.#peer(request.settings);
    await tellLogLevel(peer, session, request);
    const sent = postLegacy(peer, session, request);
    const head = await sent.exchange.head;
    if (head.status === 404 && session.id !== undefined && !again) {
      // A 404 to a session id means that nothing was processed (2025-11-25, Session Management), so a resend is safe.
      discard(sent.exchange);
      this.#lost(session);
      return await this.#open(request, true);
    }
    try {
      const { access } = request;
      const reply = (id: RequestId, answer: JsonObject): void => answerServer(peer, access, session, id, answer);
      const answer = await answerOf(sent.exchange, head);
      const begun = { era: 'legacy', requestId: sent.requestId, ...answer, reply } as const;
      const split = session.version === BATCH_VERSION;
      if (answer.form === 'json') return split ? { ...begun, ...(await withoutBatches(answer)) } : begun;
      const rest = (id: string): Promise<ResponseBody> => resumeAnswer(peer, session, request, id);
      const body = new ResumableBody(answer.body, rest, request.signal);
      const resumable = { ...begun, body, settled: () => body.settled() };
      return split ? { ...resumable, ...(await withoutBatches({ form: 'events', body })) } : resumable;
    } finally {
      if (head.status === 400 || head.status === 404) this.#lost(session);
    }
  }

  async #openModern(request: Addressed<UpstreamRequest>): Promise<UpstreamAnswer> {
    const exchange = postModern(this.connections, urlOf(request.settings), request);
    const answer = await this.#modernAnswer(exchange, request.settings);
    return { era: 'modern', requestId: request.message.id, ...answer, reply: () => undefined };
  }

  /** An answer to a modern request. One that a legacy server may have given makes us ask for the era again. */
  async #modernAnswer(exchange: Exchange, settings: ServerSettings): Promise<BegunAnswer> {
    const head = await exchange.head;
    let code: number | undefined;
    try {
      const { errorCode, ...answer } = await answerOf(exchange, head);
      code = errorCode;
      return answer;
    } finally {
      if (castsDoubt(head.status, code)) this.#eras.forget(settings);
    }
  }

  #era(scope: Addressed): Promise<Era> {
    const own = (): AbortSignal => AbortSignal.timeout(this.limits.question);
    return this.#eras.of(scope.settings, async () => (await this.#discover(scope, own())).era);
  }

  #discover(scope: Addressed, signal: AbortSignal): Promise<Discovery> {
    return discover(this.connections, urlOf(scope.settings), { ...scope, signal }, this.limits.question);
  }

  /**
   * The session of a legacy server; undefined for a modern one. One that refuses `initialize` may have been updated in
   * place: nothing was sent yet, so it is asked again what it speaks.
   */
  async #sessionOf(scope: Addressed): Promise<LegacySession | undefined> {
    const verdict = this.#era(scope);
    if ((await verdict) === 'modern') return undefined;
    try {
      return await this.#session(scope);
    } catch (error) {
      if (asCoded(error).code !== 'upstream_invalid') throw error;
      this.#eras.forget(scope.settings, verdict);
      if ((await this.#era(scope)) === 'modern') return undefined;
      throw error;
    }
  }

  /** Sessions of servers that changed or went are no longer found, and end as idle ones do: a call may still use them. */
  async #session(scope: Addressed): Promise<LegacySession> {
    const { partition, client, settings } = scope;
    const server = this.#editions.of(scope.server, settings);
    const session = await this.#sessions.acquire({ partition, server, client: client.key }, () =>
      openSession(this.#peer(settings), { ...scope, server }, (lost) => this.#lost(lost)),
    );
    session.access = scope.access;
    return session;
  }

  /** The server does not know the session any more: who listened in it is to listen in the next one. */
  #lost(session: LegacySession): void {
    this.#sessions.forget(session);
    session.events.end(new CodedError('upstream_unreachable', { detail: 'the server forgot the session' }));
  }

  #peer(settings: ServerSettings): LegacyPeer {
    return { connections: this.connections, url: urlOf(settings), limits: this.limits };
  }
}
