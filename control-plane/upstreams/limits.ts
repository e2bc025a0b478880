/** Bounds of every exchange with an upstream; times in milliseconds, sizes in bytes. */
export interface UpstreamLimits {
  readonly connect: number;
  /** Longest silence, before the headers and between two chunks. */
  readonly idle: number;
  /** For our own questions (era, handshake, cancellation), which carry no call. */
  readonly question: number;
  readonly connectionsPerOrigin: number;
  /** Largest answer that is read whole: lists, discovery, handshakes. */
  readonly answer: number;
  readonly legacyVerdict: number;
  readonly sessionIdle: number;
  readonly sessions: number;
}

export const UPSTREAM_LIMITS = Symbol('upstream limits');

export const DEFAULT_LIMITS: UpstreamLimits = {
  connect: 5_000,
  idle: 60_000,
  question: 10_000,
  connectionsPerOrigin: 320,
  answer: 8 * 1024 * 1024,
  legacyVerdict: 10 * 60_000,
  sessionIdle: 15 * 60_000,
  sessions: 10_000,
};
