import { HEADERS, modernHeaders } from '#shared/mcp/headers.js';
import { FreshSignIn } from '../support/fresh-sign-in.js';
import { credentials, send, type HttpAnswer } from '../support/http.js';
import { signIn, type SignedIn } from '../support/person.js';
import { envelope, initializeParams, SERVERS, type AskedState, type FuzzedServer, type Voice } from './speech.js';
import type { PersonName, Stand } from './stand.js';

/** Where a person speaks; undefined is every server together. */
export type Endpoint = FuzzedServer | undefined;

export const ENDPOINTS: readonly Endpoint[] = [undefined, ...SERVERS];
const JSON_LINES = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

/** Somebody who is signed in and speaks to the gateway, well or badly. */
export class FuzzedPerson {
  /** `Mcp-Session-Id`s by endpoint, of revisions that have them. */
  sessions: ReadonlyMap<Endpoint, string> = new Map();
  states: readonly AskedState[] = [];
  readonly #signIn: FreshSignIn;
  readonly #publicUrl: string;

  private constructor(
    readonly name: PersonName,
    readonly marker: string,
    signedIn: SignedIn,
    publicUrl: string,
  ) {
    this.#signIn = new FreshSignIn(signedIn);
    this.#publicUrl = publicUrl;
  }

  static async signIn({ stack, markers }: Stand, name: PersonName): Promise<FuzzedPerson> {
    return new FuzzedPerson(name, markers[name], await signIn(stack, name), stack.addresses.publicUrl);
  }

  /** Headers of a request that is really this person's. */
  async credentials(method: string, path: string): Promise<Record<string, string>> {
    return credentials(await this.#signIn.get(), method, this.#publicUrl + path);
  }

  /** A well-formed request and its whole answer. */
  async ask(endpoint: Endpoint, message: object, era: Voice['era'], session?: string): Promise<HttpAnswer> {
    const path = pathOf(endpoint);
    const lines = era === 'modern' ? modernHeaders(message as { method: string }) : JSON_LINES;
    const headers = { ...lines, ...(session === undefined ? {} : { [HEADERS.session]: session }) };
    const own = await this.credentials('POST', path);
    return send(this.#publicUrl + path, {
      method: 'POST',
      headers: { ...headers, ...own },
      body: JSON.stringify(message),
    });
  }

  /** Begins a session at each endpoint, and has each server ask something, so that there is something to misuse. */
  async gather(): Promise<void> {
    const sessions = await Promise.all(
      ENDPOINTS.map(async (endpoint) => [endpoint, await this.#begin(endpoint)] as const),
    );
    this.sessions = new Map(sessions);
    this.states = (await Promise.all(SERVERS.map((server) => this.#asked(server)))).flat();
  }

  /** Ends the sign-in, as `mcp-sso logout` does. */
  async signOut(): Promise<void> {
    await this.#signIn.end();
  }

  async #begin(endpoint: Endpoint): Promise<string> {
    const message = { jsonrpc: '2.0', id: 0, method: 'initialize', params: initializeParams(this.marker) };
    const { headers, text } = await this.ask(endpoint, message, 'legacy');
    const session = headers[HEADERS.session];
    if (typeof session !== 'string') throw new Error(`initialize of ${this.name} gave no session: ${text}`);
    return session;
  }

  async #asked(server: FuzzedServer): Promise<AskedState[]> {
    const call = { name: 'ask', arguments: { marker: this.marker } };
    const message = { method: 'tools/call', params: { ...call, _meta: envelope(this.marker) } };
    const { text } = await this.ask(server, { jsonrpc: '2.0', id: 1, ...message }, 'modern');
    const [, state] = /"requestState":"([^"]+)"/.exec(text) ?? [];
    return state === undefined ? [] : [{ message, requestState: state }];
  }
}

export function pathOf(endpoint: Endpoint): string {
  return endpoint === undefined ? '/mcp' : `/mcp/${endpoint}`;
}
