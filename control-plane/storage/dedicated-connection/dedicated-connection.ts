import { randomBytes } from 'node:crypto';
import { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { OnApplicationShutdown } from '@nestjs/common';
import { Client, type QueryResultRow } from 'pg';
import { errorText } from '#shared/errors.js';
import { shown, type Logger } from '../../observability/logger.js';
import { connectionSettings } from '../dialects/postgres.js';
import { Moment } from './moment.js';

/** Where every control plane on a database sends and hears notices. */
export const CHANNEL = 'mcp_sso';

/** What `pg_stat_activity` calls these connections. */
export const APPLICATION = 'mcp-sso-notices';

const HEARTBEAT_MS = 250;
/** An answer that takes longer is none: the connection is destroyed and made anew. */
const ANSWER_MS = 5_000;
/** What the server waits for a sign of life. A frozen process, whose kernel still answers, loses its locks too. */
const SILENCE_MS = 10_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
const CLOSE_MS = 1_000;

const SESSION = [
  'set synchronous_commit = off', // heartbeats need no fsync, and nothing else is written here
  `set idle_session_timeout = ${SILENCE_MS}`,
  'set tcp_keepalives_idle = 5; set tcp_keepalives_interval = 1; set tcp_keepalives_count = 5',
  `listen ${CHANNEL}`,
].join('; ');

export type Query = <Row extends QueryResultRow>(text: string, values: unknown[]) => Promise<Row[]>;

/**
 * One connection to PostgreSQL beside the pool, for what belongs to a connection: LISTEN and session locks. It opens
 * when it is first needed and again, with back-off, whenever it is lost. A heartbeat goes out and comes back as a
 * notice, so that everything which was committed before it was sent has been heard by then.
 */
export class DedicatedConnection implements OnApplicationShutdown {
  readonly #own = `${CHANNEL}_${randomBytes(8).toString('hex')}`;
  readonly #closing = new AbortController();
  readonly #opened: (() => void)[] = [];
  readonly #lost: (() => void)[] = [];
  readonly #notices: ((payload: string) => void)[] = [];
  readonly #beats: ((query: Query) => Promise<void>)[] = [];
  #running: Promise<void> | undefined;
  #socket: Socket | undefined;
  #number = 0;
  #echoed = '';
  #heard: Moment | undefined;
  #listening = false;

  constructor(
    private readonly url: string,
    private readonly logger: Logger,
  ) {}

  /** Opens it, unless that has begun. */
  start(): void {
    this.#running ??= this.#keepOpen();
  }

  /** Whether the connection is known to have lived within the last `milliseconds`. */
  alive(milliseconds: number): boolean {
    return this.#heard !== undefined && this.#heard.age() < milliseconds;
  }

  /** Whether everything has been heard that was committed more than `milliseconds` ago. */
  heardAll(milliseconds: number): boolean {
    return this.#listening && this.alive(milliseconds);
  }

  /** Each time it is open and listening, before `heardAll` can be true. */
  onOpened(listener: () => void): void {
    this.#opened.push(listener);
  }

  /** Each time it is gone, with all its locks. */
  onLost(listener: () => void): void {
    this.#lost.push(listener);
  }

  onNotice(listener: (payload: string) => void): void {
    this.#notices.push(listener);
  }

  /** After each heartbeat; a rejection makes the connection anew. */
  onBeat(listener: (query: Query) => Promise<void>): void {
    this.#beats.push(listener);
  }

  async onApplicationShutdown(): Promise<void> {
    this.#closing.abort();
    await Promise.race([this.#running, delay(CLOSE_MS, undefined, { ref: false })]);
    this.#socket?.destroy();
    await this.#running;
  }

  async #keepOpen(): Promise<void> {
    const { signal } = this.#closing;
    let pause = FIRST_PAUSE_MS;
    while (!signal.aborted) {
      try {
        await this.#converse(() => (pause = FIRST_PAUSE_MS));
      } catch (error) {
        this.logger.warn('database notices lost', { error: shown(errorText(error)) });
      }
      await sleep(pause * (0.5 + Math.random() / 2), signal);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    }
  }

  /** Until it closes, or rejects because the connection was lost. */
  async #converse(heard: () => void): Promise<void> {
    const socket = new Socket();
    this.#socket = socket;
    const client = new Client({
      ...connectionSettings(this.url),
      application_name: APPLICATION,
      query_timeout: ANSWER_MS,
      keepAliveInitialDelayMillis: ANSWER_MS,
      stream: () => socket,
    });
    // The query that runs then, or the next one, rejects with it.
    client.on('error', () => undefined);
    try {
      await client.connect();
      await this.#listen(client);
      for (const listener of this.#opened) listener();
      const query: Query = async (text, values) => (await client.query(text, values)).rows;
      while (!this.#closing.signal.aborted) {
        await this.#beat(client);
        heard();
        for (const listener of this.#beats) await listener(query);
        await sleep(HEARTBEAT_MS, this.#closing.signal);
      }
    } finally {
      this.#heard = undefined;
      this.#listening = false;
      for (const listener of this.#lost) listener();
      await Promise.race([client.end(), delay(CLOSE_MS, undefined, { ref: false })]);
      socket.destroy();
    }
  }

  /** Where notices are heard, it must be back with the answer; else the answer alone is the sign of life. */
  async #beat(client: Client): Promise<void> {
    const sent = new Moment();
    const number = String((this.#number += 1));
    await client.query(this.#listening ? 'select pg_notify($1, $2)' : 'select $1::text, $2::text', [this.#own, number]);
    if (this.#listening && this.#echoed !== number) throw new Error('the heartbeat did not come back');
    this.#heard = sent;
  }

  #hear(channel: string, payload: string): void {
    if (channel === this.#own) this.#echoed = payload;
    else for (const listener of this.#notices) listener(payload);
  }

  /**
   * A pooler in between may give each transaction another connection: notices are not relied on, and one transaction
   * that stays open keeps the locks.
   */
  async #listen(client: Client): Promise<void> {
    if (await isDirect(client)) {
      client.on('notification', ({ channel, payload = '' }) => this.#hear(channel, payload));
      await client.query(`${SESSION}; listen ${this.#own}`);
      this.#listening = true;
      return;
    }
    await client.query('begin');
    this.logger.warn('database behind a connection pooler: every call asks the database');
  }
}

/** A pooler makes up the process id that it greets with. */
async function isDirect(client: Client): Promise<boolean> {
  const { processID } = client as Client & { readonly processID: number | null };
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return rows[0]?.pid === processID;
}

async function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  await delay(milliseconds, undefined, { signal, ref: false }).catch(() => undefined);
}
