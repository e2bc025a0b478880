import { request, type Agent, type Dispatcher } from 'undici';
import { JSON_TYPE, STREAM_TYPE } from '#shared/mcp/headers.js';
import type { JsonObject } from '#shared/mcp/json-rpc.js';
import { FreshSignIn } from '../support/fresh-sign-in.js';
import { credentials } from '../support/http.js';
import type { SignedIn } from '../support/person.js';
import { messagesIn } from './message-stream.js';
import type { HeardRequest, StreamedCall } from './streamed-call.js';

/** Milliseconds of silence; a safety net. */
const SILENCE = 120_000;

/** A sign-in that speaks to one MCP endpoint over HTTP, with a proof for each request. */
export class HttpSession {
  readonly #signIn: FreshSignIn;

  constructor(
    /** Of the MCP endpoint. */
    private readonly url: string,
    signedIn: SignedIn,
    private readonly agent: Agent,
  ) {
    this.#signIn = new FreshSignIn(signedIn);
  }

  async send(
    method: 'GET' | 'POST' | 'DELETE',
    headers: Readonly<Record<string, string>>,
    message?: object,
  ): Promise<Dispatcher.ResponseData> {
    const own = await credentials(await this.#signIn.get(), method, this.url);
    return request(this.url, {
      method,
      headers: { 'content-type': JSON_TYPE, accept: `${JSON_TYPE}, ${STREAM_TYPE}`, ...headers, ...own },
      body: message === undefined ? null : JSON.stringify(message),
      dispatcher: this.agent,
      headersTimeout: SILENCE,
      bodyTimeout: method === 'GET' ? 0 : SILENCE,
    });
  }

  /** Posts a call and hears its answer to the end; `asked` takes what the server asks meanwhile. */
  async post(
    call: StreamedCall,
    message: JsonObject & { readonly id: string },
    headers: Readonly<Record<string, string>>,
    asked: (question: JsonObject) => void = () => undefined,
  ): Promise<HeardRequest> {
    const carried: HeardRequest = { id: message.id, heard: [] };
    call.requests.push(carried);
    try {
      const { headers: answered, body } = await this.send('POST', headers, message);
      for await (const heard of messagesIn(body, answered['content-type'])) {
        carried.heard.push(heard);
        if (heard['method'] !== undefined && heard['id'] !== undefined) asked(heard);
      }
    } catch (error) {
      call.broken = String(error);
    }
    return carried;
  }

  async signOut(): Promise<void> {
    await this.#signIn.end();
  }
}
