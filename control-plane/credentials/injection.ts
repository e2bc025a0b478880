/** What the broker adds to one upstream request. The values never leave this process but toward that upstream. */
export interface Injection {
  /** Names the credential in the audit (`crm/bearer`), never its value. */
  readonly reference: string;
  /** Of the secret, where it is one secret of our own store. */
  readonly version?: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** Of a hosted server: variables of its environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Of a hosted server: absolute path in its sandbox → content. */
  readonly files: Readonly<Record<string, string>>;
  /** Where the credential signs requests, and is no value that could be added to them. */
  readonly sign?: RequestSigner;
  /** Raw secrets to mask, in every encoding, in whatever the upstream answers; read anew once a request was signed. */
  readonly secrets: readonly string[];
}

export const NO_INJECTION: Injection = {
  reference: 'none',
  headers: {},
  query: {},
  environment: {},
  files: {},
  secrets: [],
};

/** A request as it leaves, with every header that was known. */
export interface OutgoingRequest {
  readonly method: string;
  /** With its query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The headers that sign a request; they are added to its own. */
type RequestSigner = (request: OutgoingRequest) => Promise<Readonly<Record<string, string>>>;
