import { BATCH_VERSION } from '#shared/mcp/batch.js';
import { CodedError } from '#shared/errors.js';
import { HEADERS, STREAM_TYPE } from '#shared/mcp/headers.js';
import { formOf } from './answer.js';
import { discard, parseMessage } from './answer-body.js';
import { splitBatch } from './batch-splitter.js';
import { EventStreamReader } from './event-stream.js';
import type { LegacyPeer } from './legacy-protocol.js';
import type { LegacySession } from './legacy-sessions.js';
import { refusalOf, UpstreamRefusal } from './refusal.js';
import type { JsonObject } from '#shared/mcp/json-rpc.js';

const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 60_000;

/**
 * The stream on which a legacy server says what belongs to no call (2025-11-25, Listening for Messages from the Server):
 * one for each session, opened again where it breaks, until `close`.
 */
export class SessionStream {
  readonly #stop = new AbortController();
  #pause = FIRST_PAUSE;
  #timer: NodeJS.Timeout | undefined;
  #opened = false;

  constructor(
    private readonly peer: LegacyPeer,
    private readonly session: Pick<LegacySession, 'id' | 'version' | 'access'>,
    private readonly onMessage: (message: JsonObject) => void,
    /** The server has forgotten the session. */
    private readonly onLost: () => void,
    /** The server does not take the credential. */
    private readonly onRefused: (refusal: UpstreamRefusal) => void,
  ) {
    void this.#open();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#stop.abort(new CodedError('interrupted'));
  }

  async #open(): Promise<void> {
    const { id, version, access } = this.session;
    const headers = {
      accept: STREAM_TYPE,
      [HEADERS.protocolVersion]: version,
      ...(id === undefined ? {} : { [HEADERS.session]: id }),
      ...access.headers,
    };
    const { url, connections } = this.peer;
    const { query, sign } = access;
    const get = { method: 'GET', url, query, headers, body: '', sign, idle: 0, stream: true } as const;
    const exchange = connections.send(get, this.#stop.signal);
    try {
      const head = await exchange.head;
      if (head.status !== 200 || formOf(head) !== 'events') {
        discard(exchange);
        // 405 and the like say that there is no such stream. Where there was one, it is the session that is gone.
        const refusal = refusalOf(head);
        if (refusal instanceof UpstreamRefusal && refusal.status === 401) this.onRefused(refusal);
        else if (head.status >= 500 || head.status === 429) this.#again();
        else if (this.#opened) this.onLost();
        return;
      }
      this.#opened = true;
    } catch {
      this.#again();
      return;
    }
    const events = this.#reader();
    exchange.read({
      data: (chunk) => {
        events.write(chunk);
        return true;
      },
      end: () => this.#again(),
      failed: () => this.#again(),
    });
  }

  #reader(): EventStreamReader {
    let data: Buffer[] = [];
    let size = 0;
    return new EventStreamReader({
      data: (chunk) => {
        size += chunk.length;
        if (size <= this.peer.limits.answer) data.push(Buffer.from(chunk));
      },
      comment: () => undefined,
      event: () => {
        const text = Buffer.concat(data);
        const texts = this.session.version === BATCH_VERSION ? splitBatch(text) : [text];
        const messages = size <= this.peer.limits.answer ? texts.map((message) => parseMessage(message)) : [];
        data = [];
        size = 0;
        this.#pause = FIRST_PAUSE;
        for (const message of messages) if (message && !this.#stop.signal.aborted) this.onMessage(message);
      },
    });
  }

  #again(): void {
    if (this.#stop.signal.aborted) return;
    this.#timer = setTimeout(() => void this.#open(), this.#pause);
    this.#timer.unref();
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
  }
}
