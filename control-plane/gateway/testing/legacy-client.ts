import { EventStreamReader } from '../../upstreams/event-stream.js';

type Message = Record<string, unknown> & {
  id?: unknown;
  method?: string;
  params?: Record<string, unknown>;
  result?: Record<string, unknown>;
  error?: { code: number; message: string };
};

interface ClientOptions {
  readonly as?: string;
  readonly capabilities?: object;
  readonly version?: string;
  /** What it answers to a request of a server: `{ result }` or `{ error }`. */
  readonly onRequest?: (message: Message) => object | Promise<object>;
}

/** A legacy client with a session: it reads its answers event by event and answers requests of servers. */
export class LegacyClient {
  readonly requests: Message[] = [];
  #session = '';
  #lastId = 0;

  private constructor(
    readonly url: string,
    private readonly options: ClientOptions,
  ) {}

  static async open(url: string, options: ClientOptions = {}): Promise<LegacyClient> {
    const client = new LegacyClient(url, options);
    const params = {
      protocolVersion: options.version ?? '2025-11-25',
      capabilities: options.capabilities ?? {},
      clientInfo: { name: 'old', version: '1' },
    };
    const response = await client.post({ id: 0, method: 'initialize', params });
    client.#session = response.headers.get('mcp-session-id')!;
    await response.body?.cancel();
    await (await client.post({ method: 'notifications/initialized' })).body?.cancel();
    return client;
  }

  get headers(): Record<string, string> {
    return {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      authorization: `Bearer ${this.options.as ?? 'alice'}`,
      ...(this.#session === '' ? {} : { 'mcp-session-id': this.#session }),
    };
  }

  async post(message: object): Promise<Response> {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message });
    return await fetch(this.url, { method: 'POST', headers: this.headers, body });
  }

  /** Every message of the answer, the response last; questions of servers are answered on the way. */
  async ask(method: string, params: object = {}): Promise<Message[]> {
    const messages: Message[] = [];
    const response = await this.post({ id: (this.#lastId += 1), method, params });
    await readMessages(response, (message) => {
      messages.push(message);
      if (message.method !== undefined && message.id !== undefined) void this.#answer(message);
    });
    return messages;
  }

  /** Opens the stream for what servers say outside of calls. */
  async listen(onMessage: (message: Message) => void): Promise<AbortController> {
    const stop = new AbortController();
    const { 'content-type': _type, ...headers } = this.headers;
    const response = await fetch(this.url, {
      headers: { ...headers, accept: 'text/event-stream' },
      signal: stop.signal,
    });
    if (response.status !== 200) throw new Error(`HTTP ${response.status}`);
    readMessages(response, onMessage).catch(() => undefined);
    return stop;
  }

  async end(): Promise<number> {
    const { 'content-type': _type, ...headers } = this.headers;
    return (await fetch(this.url, { method: 'DELETE', headers })).status;
  }

  async #answer(message: Message): Promise<void> {
    this.requests.push(message);
    const { onRequest } = this.options;
    const answer = onRequest ? await onRequest(message) : { error: { code: -32601, message: 'Method not found' } };
    await (await this.post({ id: message.id, ...answer })).body?.cancel();
  }
}

/** Reads an answer, JSON or events, message by message as they arrive. */
export async function readMessages(response: Response, onMessage: (message: Message) => void): Promise<void> {
  if (!response.headers.get('content-type')?.startsWith('text/event-stream')) {
    const text = await response.text();
    if (text !== '') onMessage(JSON.parse(text) as Message);
    return;
  }
  let data: Buffer[] = [];
  const reader = new EventStreamReader({
    data: (chunk) => data.push(Buffer.from(chunk)),
    comment: () => undefined,
    event() {
      const text = Buffer.concat(data).toString();
      data = [];
      if (text !== '') onMessage(JSON.parse(text) as Message);
    },
  });
  for await (const chunk of response.body!) reader.write(Buffer.from(chunk));
}
