/** The circumstances of a call that policies can read as `context.session`. */
export interface CallContext {
  /** Epoch milliseconds. */
  readonly now: number;
  /** The client's address, by the trusted proxies. */
  readonly address: string;
  /** `acr` of the ID token (OpenID Connect Core §2). */
  readonly acr: string | null;
  readonly amr: readonly string[];
  /** When the person last proved who they are, epoch milliseconds; 0 where the IdP does not say, which is old for ever. */
  readonly signedInAt: number;
  readonly sessionKind: 'person' | 'service' | 'break-glass';
  /** The registered client (a fact). */
  readonly client: string;
  /** What the client calls itself in `clientInfo` (a claim; MCP forbids to rely on it). */
  readonly claimedClient: string | null;
  readonly device: string | null;
  /** By the IdP's word at sign-in (`managedDevice` of the provider's settings). */
  readonly managedDevice: boolean;
  /** Who acts for the person, nearest first (RFC 8693 §4.1). */
  readonly agents: readonly string[];
}
