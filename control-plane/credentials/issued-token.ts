/** An access token that an authorization server gave us for a server. */
export interface IssuedToken {
  readonly value: string;
  /** Epoch milliseconds; undefined where nobody said. */
  readonly expiresAt: number | undefined;
  /** What it may do, where that was said (RFC 6749 §5.1). */
  readonly scopes?: readonly string[] | undefined;
  /** What else of the exchange must never be seen: refresh tokens, assertions. */
  readonly secrets: readonly string[];
}
