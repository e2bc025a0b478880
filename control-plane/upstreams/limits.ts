import type { Limits } from '../config/limits.js';

/** Bounds of every exchange with an upstream; times in milliseconds, sizes in bytes. */
export interface UpstreamLimits {
  readonly connect: number;
  /** Until an answer begins. */
  readonly firstByte: number;
  /** Longest silence in an answer. */
  readonly idle: number;
  /** For our own questions (era, handshake, cancellation), which carry no call. */
  readonly question: number;
  readonly connectionsPerOrigin: number;
  /** Largest answer that is read whole: lists, discovery, handshakes. */
  readonly answer: number;
  /** Largest answer to a call. */
  readonly flowing: number;
  /** Bytes that wait for slow clients where a channel serves several calls: of all hosted servers, and of all HTTP+SSE ones. */
  readonly waiting: number;
  readonly legacyVerdict: number;
  readonly sessionIdle: number;
  readonly sessions: number;
  /** Open streams of HTTP+SSE servers at once. */
  readonly streams: number;
  /** Streams of any kind, beside the connections of calls. */
  readonly streamsPerOrigin: number;
  readonly hosted: HostedLimits;
}

/** Bounds of the servers that we run ourselves. */
interface HostedLimits {
  /** Processes at once, of all servers. */
  readonly processes: number;
  /** For `server/discover`, after which a server counts as legacy. */
  readonly probe: number;
  /** From the start of a process to its first answer. */
  readonly start: number;
  /** Between the end of its input and its end by force. */
  readonly stop: number;
  /** Largest message, and largest number of bytes that wait in either direction. */
  readonly message: number;
  /** Requests under way at one process, or on one stream of an HTTP+SSE server. */
  readonly requests: number;
  /** Subscriptions at one process, which are under way for as long as their clients listen. */
  readonly subscriptions: number;
  readonly backOff: { readonly first: number; readonly longest: number; readonly stable: number };
}

export const UPSTREAM_LIMITS = Symbol('upstream limits');

export const DEFAULT_LIMITS: UpstreamLimits = {
  connect: 5_000,
  firstByte: 60_000,
  idle: 60_000,
  question: 10_000,
  connectionsPerOrigin: 320,
  answer: 8 * 1024 * 1024,
  flowing: 1024 * 1024 * 1024,
  waiting: 128 * 1024 * 1024,
  legacyVerdict: 10 * 60_000,
  sessionIdle: 15 * 60_000,
  sessions: 10_000,
  streams: 1_000,
  streamsPerOrigin: 1_000,
  hosted: {
    processes: 128,
    probe: 3_000,
    start: 30_000,
    stop: 2_000,
    message: 16 * 1024 * 1024,
    requests: 256,
    subscriptions: 1_000,
    backOff: { first: 1_000, longest: 60_000, stable: 30_000 },
  },
};

/** The bounds as the settings name them; those that nobody needs to set stay as they are. */
export function upstreamLimitsOf(limits: Limits): UpstreamLimits {
  return {
    ...DEFAULT_LIMITS,
    // A parked call keeps its connection, and must not take that of a call.
    connectionsPerOrigin: limits.callsPerServer + limits.parkedPerServer,
    firstByte: limits.firstByteSeconds * 1_000,
    idle: limits.idleSeconds * 1_000,
    answer: limits.listBytes,
    flowing: limits.answerBytes,
    waiting: Math.max(DEFAULT_LIMITS.waiting, 2 * limits.messageBytes),
    streams: limits.sseStreams,
    streamsPerOrigin: Math.max(DEFAULT_LIMITS.streamsPerOrigin, limits.sseStreams),
    hosted: {
      ...DEFAULT_LIMITS.hosted,
      processes: limits.hostedProcesses,
      message: limits.messageBytes,
      requests: limits.requestsPerChannel,
      subscriptions: limits.listenersPerChannel,
    },
  };
}
