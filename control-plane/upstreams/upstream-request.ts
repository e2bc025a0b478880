import { CodedError } from '#shared/errors.js';
import type { JsonObject, JsonRpcRequest, RequestId } from '#shared/mcp/json-rpc.js';
import type { Era } from '#shared/mcp/meta.js';
import type { ServerSettings } from '../config/settings.js';
import type { RequestSigner } from './request-signer.js';
import type { ResponseBody } from './exchange.js';

/** What opens the upstream's door; never comes from the client. */
export interface Access {
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** Where every request is signed for itself: the headers that do it. */
  readonly sign?: RequestSigner | undefined;
  /** Of a hosted server: variables of its environment, beside those that every one has. */
  readonly environment: Readonly<Record<string, string>>;
  /** Of a hosted server: absolute path in its sandbox → content. */
  readonly files: Readonly<Record<string, string>>;
  /** Masks what must not be seen of the above in a text for the log. */
  readonly mask: (text: string) => string;
}

/** The client on whose behalf we speak, as far as a server may know it. */
export interface ClientSide {
  /** Keeps its sessions at legacy servers apart from those of the sign-in's other clients. */
  readonly key: string;
  /** What it declared (`ClientCapabilities`), and so what a server may ask of it. */
  readonly capabilities: JsonObject;
}

export interface UpstreamScope {
  /** Id of a configured server. */
  readonly server: string;
  /** Keeps legacy sessions apart: the id of the sign-in on whose behalf we call. */
  readonly partition: string;
  readonly client: ClientSide;
  readonly access: Access;
  /** Ends the exchange; its reason is what the caller hears. */
  readonly signal: AbortSignal;
}

/** One request in the 2026-07-28 form. The upstream's own era is the business of this folder. */
export interface UpstreamRequest extends UpstreamScope {
  readonly message: JsonRpcRequest;
  /** `Mcp-Param-*` headers of the client, which mirror arguments and are checked by the server. */
  readonly paramHeaders?: Readonly<Record<string, string>>;
  /** The caller takes requests of the server from the answer, and replies to them. */
  readonly asks?: boolean;
}

/** A scope or request with the server's settings, which say where it goes. */
export type Addressed<T extends UpstreamScope = UpstreamScope> = T & { readonly settings: ServerSettings };

export function urlOf({ url }: ServerSettings): string {
  if (url === undefined) throw new CodedError('server_unknown');
  return url;
}

/** An answer that has begun: one JSON-RPC message, or an event stream that ends with one. */
export interface UpstreamAnswer {
  readonly era: Era;
  readonly form: 'json' | 'events';
  /** HTTP status of an error that the server answered; 200 otherwise. */
  readonly status?: number;
  readonly body: ResponseBody;
  /** To be called when the response has been read, where the body may be taken up again. */
  readonly settled?: () => void;
  /** The request id that the upstream saw. */
  readonly requestId: RequestId;
  /** Answers a request that a legacy server put into its answer: `{ result }` or `{ error }`. */
  readonly reply: (id: RequestId, answer: JsonObject) => void;
}
