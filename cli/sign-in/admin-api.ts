import { FRESH_SIGN_IN, SCOPES } from '#shared/api/paths.js';
import { CodedError } from '#shared/errors.js';
import type { CommandContext } from '../commands/context.js';
import type { SavedSignIn } from '../credential-store/saved-sign-in.js';
import { exchange, type HttpReply } from '../system/http.js';
import { resolveSettings } from '../system/settings.js';
import { contentOf, demandOf, type Demand } from './admin-answer.js';
import { openSession, type ControlPlaneSession, type SessionOptions } from './open-session.js';
import { signInWords } from './sign-in-words.js';
import { revoke } from './token-endpoint.js';
import type { RequestAuthorization } from './token-source.js';

type Method = 'GET' | 'POST' | 'DELETE';

interface Exchange {
  readonly authorization: RequestAuthorization;
  readonly reply: HttpReply;
}

const REASONS: Record<Demand['kind'] | 'first', string> = {
  first: 'Administration needs its own sign-in.',
  scope: 'This command needs more than your last sign-in for administration allowed.',
  fresh: 'Changes need a sign-in from the last few minutes.',
};

/**
 * The control plane's admin API for one command, which signs in at most once for what it needs: as `mcp-sso-admin`,
 * for these scopes, and anew where a change asks for it.
 */
export class AdminApi {
  readonly #context: CommandContext;
  readonly #scopes: readonly string[];
  #session: ControlPlaneSession | undefined;

  constructor(context: CommandContext, scopes: readonly string[]) {
    this.#context = context;
    this.#scopes = scopes;
  }

  /**
   * Resolves to the parsed JSON body; throws CodedError with the server's code and detail on a problem answer.
   * @param content sent as JSON
   */
  async request(method: Method, path: string, content?: unknown): Promise<unknown> {
    const body = content === undefined ? undefined : JSON.stringify(content);
    const reply = await this.#send(method, path, body);
    const demand = demandOf(reply);
    if (!demand) return contentOf(reply);
    await this.#signIn(demand.kind, maxAgeFor(method, demand));
    return contentOf(await this.#send(method, path, body));
  }

  async #send(method: Method, path: string, body: string | undefined): Promise<HttpReply> {
    const session = await this.#opened();
    const url = new URL(path, session.origin);
    if (url.origin !== session.origin) {
      throw new CodedError('internal', { detail: 'a path of the admin API led elsewhere' });
    }
    const { authorization, reply } = await this.#exchange(method, url.href, body);
    if (reply.status !== 401 || demandOf(reply)) return reply;
    (await this.#opened()).tokens.refused(authorization, reply.headers.date);
    return (await this.#exchange(method, url.href, body)).reply;
  }

  async #exchange(method: Method, url: string, body: string | undefined): Promise<Exchange> {
    const authorization = await this.#authorize(method, url);
    const { agent } = (await this.#opened()).endpoint;
    const headers = { accept: 'application/json', ...authorization };
    if (body === undefined) return { authorization, reply: await exchange({ method, url, agent, headers }) };
    const json = { ...headers, 'content-type': 'application/json' };
    return { authorization, reply: await exchange({ method, url, agent, headers: json, body }) };
  }

  async #authorize(method: Method, url: string): Promise<RequestAuthorization> {
    try {
      return await (await this.#opened()).tokens.authorize(method, url);
    } catch (error) {
      if (!(error instanceof CodedError && error.code === 'sign_in_needed')) throw error;
    }
    await this.#signIn('first', maxAgeFor(method, undefined));
    return (await this.#opened()).tokens.authorize(method, url);
  }

  async #signIn(reason: keyof typeof REASONS, maxAge: number | undefined): Promise<void> {
    const { interactive, openBrowser, stderr } = this.#context;
    const before = await savedBy(await this.#opened());
    const scopes = new Set([...this.#scopes, ...granted(before)]);
    // A sign-in that is good for changes is not replaced by one that is not.
    const age = maxAge ?? (before?.fresh === true ? FRESH_SIGN_IN : undefined);
    const session = await this.#open({ scopes: [...scopes], ...(age === undefined ? {} : { maxAge: age }) });
    const started = await session.signIn.begin({ openBrowser: interactive && openBrowser, force: true });
    stderr(`${REASONS[reason]} ${signInWords(started)}`);
    await started.completed;
    this.#session = session;
    if (before) await leave(session, before);
  }

  async #opened(): Promise<ControlPlaneSession> {
    this.#session ??= await this.#open({ scopes: this.#scopes });
    return this.#session;
  }

  async #open(options: SessionOptions): Promise<ControlPlaneSession> {
    return openSession(this.#context, 'admin', await resolveSettings(this.#context), options);
  }
}

/** A change needs a recent sign-in in any case, so the first one for it asks for that too. */
function maxAgeFor(method: Method, demand: Demand | undefined): number | undefined {
  if (demand?.kind === 'fresh') return demand.maxAge;
  return method === 'GET' ? undefined : FRESH_SIGN_IN;
}

async function savedBy({ store, endpoint }: ControlPlaneSession): Promise<SavedSignIn | undefined> {
  return (await store()).read(endpoint.slot);
}

/** What every sign-in for administration asks for anyway. */
const ALWAYS: ReadonlySet<string> = new Set(['', 'openid', SCOPES.self]);

function granted(signIn: SavedSignIn | undefined): string[] {
  return (signIn?.scope ?? '').split(' ').filter((scope) => !ALWAYS.has(scope));
}

/** The sign-in that was replaced would live on for hours with nobody holding its tokens. */
async function leave({ endpoint }: ControlPlaneSession, before: SavedSignIn): Promise<void> {
  try {
    await revoke(endpoint, before);
  } catch (error) {
    if (!(error instanceof CodedError && error.code === 'network')) throw error;
  }
}
