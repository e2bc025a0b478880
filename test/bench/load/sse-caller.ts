import { once } from 'node:events';
import { get, type ClientRequest, type IncomingMessage } from 'node:http';
import type { Answer } from './answer-reader.js';
import { HttpCaller, type Caller } from './http-caller.js';
import type { LoadJob } from './job.js';

const INITIALIZE = {
  method: 'initialize',
  params: { protocolVersion: '2024-11-05', capabilities: {}, clientInfo: { name: 'bench', version: '1' } },
};

/** HTTP+SSE of 2024-11-05: requests are posted, answers arrive as events of one stream. */
export class SseCaller implements Caller {
  readonly #stream: ClientRequest;
  readonly #calls: HttpCaller;
  readonly #events: AsyncIterator<string>;

  private constructor(stream: ClientRequest, events: AsyncIterator<string>, job: LoadJob, url: string, body: string) {
    this.#stream = stream;
    this.#events = events;
    this.#calls = new HttpCaller({ ...job, url }, body, () => '');
  }

  /** Opens the stream and goes through the handshake. */
  static async open(job: LoadJob, body: string): Promise<SseCaller> {
    const stream = get(job.url, { agent: false, headers: { accept: 'text/event-stream' } });
    const [response] = (await once(stream, 'response')) as [IncomingMessage];
    const events = eventsOf(response);
    const { value: endpoint } = (await events.next()) as { value: string };
    const url = new URL(endpoint, job.url).href;
    await post(url, { id: 0, ...INITIALIZE });
    await events.next();
    await post(url, { method: 'notifications/initialized' });
    return new SseCaller(stream, events, job, url, body);
  }

  async call(): Promise<Answer> {
    const accepted = await this.#calls.call();
    const { value = '' } = (await this.#events.next()) as { value?: string };
    const fault = value.includes('"isError":true') || value.includes('"error":{');
    return { status: accepted?.status === 202 ? 200 : (accepted?.status ?? 0), head: value.slice(0, 300), fault };
  }

  close(): void {
    this.#calls.close();
    this.#stream.destroy();
  }
}

async function post(url: string, message: object): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', ...message }),
  });
  await response.body?.cancel();
}

/** The data of each event; every one of ours is a single line. */
async function* eventsOf(response: IncomingMessage): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of response.setEncoding('utf8')) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.startsWith('data: ')) yield line.slice('data: '.length).trim();
  }
}
