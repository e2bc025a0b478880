import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { isObject } from '#shared/mcp/json-rpc.js';
import { ANTHROPIC } from './anthropic-messages.js';
import type { ModelApi, Tool } from './model-api.js';
import { GEMINI } from './gemini-contents.js';
import { OPENAI } from './openai-responses.js';

const APIS: readonly ModelApi[] = [ANTHROPIC, OPENAI, GEMINI];

/** What the model does: it calls the tool of this ending once, and has no more to say than what came of it. */
export interface Script {
  readonly tool: string;
  readonly input: Readonly<Record<string, string>>;
}

/** A model behind the APIs that AI apps speak, on loopback: no account, no network, and each run the same. */
export class ScriptedModel implements AsyncDisposable {
  /** Names of every tool that an app has offered, as the app names them. */
  readonly offered = new Set<string>();
  /** What apps brought back from the calls, as JSON text. */
  readonly results: string[] = [];
  /** What was asked for that no API knows, such as an app's own telemetry. */
  readonly strange: string[] = [];

  private constructor(
    private readonly server: Server,
    private readonly script: Script,
  ) {}

  static async listen(script: Script): Promise<ScriptedModel> {
    const server = createServer();
    const model = new ScriptedModel(server, script);
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      model.#serve(request, response).catch((error: unknown) => response.destroy(error as Error));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return model;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const path = request.url ?? '';
    const api = request.method === 'POST' ? APIS.find(({ path: own }) => own.test(path)) : undefined;
    if (!api) {
      this.strange.push(`${request.method} ${path}`);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"data":[],"models":[],"input_tokens":1}');
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(this.#answer(api, JSON.parse(body)));
  }

  #answer(api: ModelApi, asked: unknown): string {
    const turn = api.read(isObject(asked) ? asked : {});
    for (const { name } of turn.tools) this.offered.add(name);
    if (turn.result !== undefined) {
      this.results.push(turn.result);
      return events(api.say('Done.'));
    }
    const tool = turn.tools.find((one: Tool) => one.name.endsWith(this.script.tool));
    return events(tool ? api.call(tool, this.script.input) : api.say('There is no such tool.'));
  }
}

/** Server-sent events, each named by its own type where it has one. */
function events(all: readonly object[]): string {
  return all
    .map((event) => {
      const named = 'type' in event ? `event: ${String(event.type)}\n` : '';
      return `${named}data: ${JSON.stringify(event)}\n\n`;
    })
    .join('');
}
