import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';

export const HEC_TOKEN = '6f1c4c1e-0000-4000-8000-000000000001';

/** As the collector does with one event of `/services/collector/event`. */
export interface HecEvent {
  readonly time: number;
  readonly host: string;
  readonly source: string;
  readonly sourcetype: string;
  readonly index?: string;
  readonly event: Readonly<Record<string, unknown>>;
  readonly fields: { readonly record_id: string; readonly record_index: number };
}

/** `die`: takes the batch, and is gone before it says so. */
type Manner = 'take' | 'hang' | 'refuse' | 'busy' | 'die' | 'small';

const MOST_EVENTS = 3;

/** A Splunk HTTP Event Collector on loopback: it checks address, token and form, and fails as it is told. */
export class ScriptedHec implements AsyncDisposable {
  readonly taken: HecEvent[] = [];
  manner: Manner = 'take';
  /** Of the manners in which it was met, how often. */
  readonly met: Record<Manner, number> = { take: 0, hang: 0, refuse: 0, busy: 0, die: 0, small: 0 };
  readonly #server = createServer((request, response) => void this.#take(request, response));

  static async start(): Promise<ScriptedHec> {
    const hec = new ScriptedHec();
    hec.#server.listen(0, '127.0.0.1');
    await once(hec.#server, 'listening');
    return hec;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { manner } = this;
    this.met[manner] += 1;
    if (manner === 'refuse') return void request.socket.destroy();
    const body = await buffer(request).catch(() => undefined);
    if (!body || manner === 'hang') return;
    if (manner === 'busy') return void response.writeHead(503, { 'retry-after': '1' }).end(SERVER_BUSY);
    if (request.url !== '/services/collector/event') return void response.writeHead(404).end();
    if (request.headers.authorization !== `Splunk ${HEC_TOKEN}`) return void response.writeHead(403).end(INVALID_TOKEN);
    if (body.length === 0) return void response.writeHead(400).end(NO_DATA);
    const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
    const events = eventsIn(text.toString());
    if (manner === 'small' && events.length > MOST_EVENTS) return void response.writeHead(413).end();
    this.taken.push(...events);
    if (manner === 'die') return void request.socket.destroy();
    response.writeHead(200, { 'content-type': 'application/json' }).end(SUCCESS);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

// As Splunk 9 answers.
const SUCCESS = '{"text":"Success","code":0}';
const SERVER_BUSY = '{"text":"Server is busy","code":9}';
const NO_DATA = '{"text":"No data","code":5}';
const INVALID_TOKEN = '{"text":"Invalid token","code":4}';

/** Objects follow each other with nothing between them. */
function eventsIn(text: string): HecEvent[] {
  return JSON.parse(`[${text.replaceAll('}{"time":', '},{"time":')}]`) as HecEvent[];
}
