import { Client, ProtocolError, type CallToolResult, type VersionNegotiationMode } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { isObject } from '#shared/mcp/json-rpc.js';
import { META } from '#shared/mcp/meta.js';
import { within } from '../stack/child.js';
import type { Laptop } from './laptop.js';
import { placeIn, type SignInPlace } from './sign-in.js';

export interface Answer {
  readonly text: string;
  readonly isError: boolean;
  /** Of a denied call: the reference into the audit. */
  readonly reference: string | undefined;
}

export interface BridgeOptions {
  /** What the AI app says of itself. */
  readonly app?: { readonly name: string; readonly version: string };
  readonly mode?: VersionNegotiationMode;
  /** One server alone instead of all. */
  readonly server?: string;
  /** Another control plane than the one that the person signed in to. */
  readonly url?: string;
  /** False: sign-ins name an address to open on this computer. */
  readonly openBrowser?: boolean;
}

const CLAUDE = { name: 'claude-ai', version: '1.4.2' };
const WAIT_MS = 30_000;

/** An AI app that talks to `mcp-sso bridge` over stdio, by the MCP SDK's own client. */
export class BridgeSession {
  readonly #client: Client;
  readonly #transport: StdioClientTransport;
  readonly #laptop: Laptop;
  #onTools: (() => void)[] = [];
  #stderr = '';

  private constructor(
    laptop: Laptop,
    { app = CLAUDE, mode = 'legacy', server, url, openBrowser = true }: BridgeOptions,
  ) {
    this.#laptop = laptop;
    this.#transport = new StdioClientTransport({
      ...laptop.commandLine([
        'bridge',
        ...(server === undefined ? [] : ['--server', server]),
        ...(url === undefined ? [] : ['--url', url]),
        ...(openBrowser ? [] : ['--no-browser']),
      ]),
      cwd: laptop.elsewhere,
      stderr: 'pipe',
    });
    this.#transport.stderr?.on(
      'data',
      (chunk: Buffer) => (this.#stderr = (this.#stderr + String(chunk)).slice(-20_000)),
    );
    this.#client = new Client(app, {
      versionNegotiation: { mode },
      listChanged: { tools: { autoRefresh: false, onChanged: () => this.#toolsChanged() } },
    });
  }

  /** Starts the bridge and connects as the named AI app, in the era that `mode` says. */
  static async connect(laptop: Laptop, options: BridgeOptions = {}): Promise<BridgeSession> {
    const session = new BridgeSession(laptop, options);
    await within(session.#client.connect(session.#transport), WAIT_MS, 'The bridge did not answer');
    return session;
  }

  /** What the bridge said on stderr. */
  get stderr(): string {
    return this.#stderr;
  }

  get processId(): number | null {
    return this.#transport.pid;
  }

  async tools(): Promise<string[]> {
    const { tools } = await this.#client.listTools(undefined, { cacheMode: 'refresh' });
    return tools.map((tool) => tool.name);
  }

  /** `patience`: milliseconds after which the AI app gives up; a minute where it is not named. */
  async call(name: string, args: Record<string, unknown> = {}, patience = 60_000): Promise<Answer> {
    try {
      return answerOf(await this.#client.callTool({ name, arguments: args }, { timeout: patience }));
    } catch (error) {
      if (ProtocolError.isInstance(error)) return refusal(error);
      throw error;
    }
  }

  get client(): Client {
    return this.#client;
  }

  /** Calls the bridge's own `sign_in`, does what it says, and waits until the tools are announced. */
  async signIn(): Promise<SignInPlace> {
    const announced = new Promise<void>((resolve) => this.#onTools.push(resolve));
    const call = this.call('sign_in');
    const answer = await within(call, WAIT_MS, 'sign_in did not answer');
    const place = placeIn(answer.text);
    if (place === undefined) throw new Error(`sign_in named no address: ${answer.text}`);
    await this.#laptop.signIn(place);
    await within(announced, WAIT_MS, 'The bridge did not announce its tools after the sign-in');
    return place;
  }

  /** Closes stdin, as an AI app does when it ends. */
  async close(): Promise<void> {
    await this.#client.close();
  }

  #toolsChanged(): void {
    const waiting = this.#onTools;
    this.#onTools = [];
    for (const resolve of waiting) resolve();
  }
}

/** A call that was refused by a JSON-RPC error instead of a result. */
function refusal(error: ProtocolError): Answer {
  const data = isObject(error.data) ? error.data : {};
  return { text: error.message, isError: true, reference: textOrNothing(data['reference']) };
}

function answerOf(result: CallToolResult): Answer {
  return {
    text: result.content.map((block) => (block.type === 'text' ? block.text : `[${block.type}]`)).join('\n'),
    isError: result.isError === true,
    reference: textOrNothing(result._meta?.[META.reference]),
  };
}

function textOrNothing(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
