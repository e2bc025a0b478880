import { CodedError } from '#shared/errors.js';
import { liftRequest, type ClientEnvelope } from '#shared/mcp/eras.js';
import { isObject, type JsonObject, type JsonRpcRequest } from '#shared/mcp/json-rpc.js';
import { META } from '#shared/mcp/meta.js';
import { parseExactly } from '#shared/mcp/exact-json.js';
import { ChangeFeed } from './change-feed.js';
import type { ControlPlaneLink } from './control-plane-link.js';
import type { BridgeLog } from './log.js';
import { LIST_CHANGES } from './subscriptions.js';

const MAX_RESOURCES = 256;
/** Changes that wait for their turn. */
const MAX_WAITING = 64;
const LONGEST_URI = 8_192;

interface Parts {
  readonly controlPlane: Pick<ControlPlaneLink, 'get'>;
  readonly send: (message: string) => Promise<void>;
  readonly log: BridgeLog;
}

/** What a legacy app hears without asking, and the resources that it subscribed to: one stream at the control plane. */
export class LegacySubscriptions {
  readonly #parts: Parts;
  readonly #resources = new Set<string>();
  #feed: ChangeFeed | undefined;
  #closed = false;
  #streams = 0;
  #waiting = 0;
  /** Changes of the filter happen one after another. */
  #changing: Promise<void> = Promise.resolve();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Listens from now on; does nothing where it does so already. */
  start(client: ClientEnvelope): void {
    if (!this.#closed) this.#feed ??= this.#listen(client).feed;
  }

  /**
   * Throws CodedError: `method_unknown` where the server does not tell of this resource, `params_invalid`,
   * `rate_limited`, `network`.
   */
  async subscribe(uri: string, client: ClientEnvelope): Promise<void> {
    if (uri.length > LONGEST_URI) throw new CodedError('params_invalid');
    await this.#inTurn(async () => {
      if (this.#resources.size >= MAX_RESOURCES) throw new CodedError('rate_limited');
      this.#resources.add(uri);
      const acknowledged = await this.#replace(client);
      if (honours(acknowledged, uri)) return;
      this.#resources.delete(uri);
      void this.#replace(client);
      if (acknowledged === undefined) throw new CodedError('network');
      throw new CodedError('method_unknown', { message: 'This server does not tell of changes of this resource.' });
    });
  }

  async unsubscribe(uri: string, client: ClientEnvelope): Promise<void> {
    await this.#inTurn(async () => {
      if (this.#resources.delete(uri)) await this.#replace(client);
    });
  }

  /** The person signed in or out. */
  listsChanged(): void {
    this.#announce();
    this.#feed?.wake();
  }

  close(): void {
    this.#closed = true;
    this.#feed?.close();
  }

  async #inTurn(change: () => Promise<void>): Promise<void> {
    if (this.#waiting >= MAX_WAITING) throw new CodedError('rate_limited');
    this.#waiting += 1;
    const turn = this.#changing.then(() => (this.#closed ? undefined : change()));
    this.#changing = turn.catch(() => undefined);
    await turn.finally(() => {
      this.#waiting -= 1;
    });
  }

  /** The old stream ends when the new one stands, so that nothing is missed between them. */
  async #replace(client: ClientEnvelope): Promise<JsonObject | undefined> {
    const before = this.#feed;
    const { feed, acknowledged } = this.#listen(client);
    this.#feed = feed;
    const acknowledgement = await acknowledged;
    before?.close();
    return acknowledgement;
  }

  #listen(client: ClientEnvelope): { feed: ChangeFeed; acknowledged: Promise<JsonObject | undefined> } {
    const { controlPlane, log } = this.#parts;
    const lists = Object.fromEntries(Object.keys(LIST_CHANGES).map((change) => [change, true]));
    const notifications = {
      ...lists,
      ...(this.#resources.size > 0 ? { resourceSubscriptions: [...this.#resources] } : {}),
    };
    const id = `mcp-sso-listen-${(this.#streams += 1)}`;
    const message: JsonRpcRequest = { jsonrpc: '2.0', id, method: 'subscriptions/listen', params: { notifications } };
    const request = liftRequest(message, client);
    const { promise: acknowledged, resolve } = Promise.withResolvers<JsonObject | undefined>();
    const feed = new ChangeFeed({
      request,
      text: JSON.stringify(request),
      controlPlane,
      acknowledged: resolve,
      notify: (text) => this.#parts.send(lowered(text)),
      missed: () => this.#announce(),
      log,
    });
    return { feed, acknowledged };
  }

  #announce(): void {
    for (const method of Object.values(LIST_CHANGES)) void this.#parts.send(JSON.stringify({ jsonrpc: '2.0', method }));
  }
}

function honours(acknowledgement: JsonObject | undefined, uri: string): boolean {
  const params = acknowledgement?.['params'];
  const notifications = isObject(params) ? params['notifications'] : undefined;
  const uris = isObject(notifications) ? notifications['resourceSubscriptions'] : undefined;
  return Array.isArray(uris) && uris.includes(uri);
}

/** Without the subscription's id, which older revisions do not know. */
function lowered(text: string): string {
  const message = parseExactly(text) as JsonObject;
  const { _meta: meta, ...params } = isObject(message['params']) ? message['params'] : {};
  const { [META.subscriptionId]: _id, ...rest } = isObject(meta) ? meta : {};
  const kept = { ...params, ...(Object.keys(rest).length > 0 ? { _meta: rest } : {}) };
  const { params: _before, ...message_ } = message;
  return JSON.stringify(Object.keys(kept).length > 0 ? { ...message_, params: kept } : message_);
}
