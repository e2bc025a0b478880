import { CodedError, type ErrorCode } from '#shared/errors.js';
import { z } from 'zod';

const MIB = 1024 * 1024;

function bound(least: number, most: number, usual: number) {
  return z.int().min(least).max(most).default(usual);
}

/** `limits:` of `mcp-sso.yaml`: the bounds of MCP traffic. Every one has a value that most companies never touch. */
export const limitsSchema = z
  .strictObject({
    /** All headers of a request. */
    headerBytes: bound(8_192, MIB, 16_384),
    requestBytes: bound(1_024, 256 * MIB, 4 * MIB),
    /** Until a request has arrived. */
    bodySeconds: bound(1, 3_600, 30),
    /** Requests of one sign-in that arrive at once: calls, and the notifications that cancel them. */
    arrivingPerSignIn: bound(1, 10_000, 64),
    /** How deep lists and objects of a request may lie in each other. */
    nesting: bound(8, 1_000, 64),
    /** Messages of one JSON-RPC batch, which clients of 2025-03-26 may send. */
    batchMessages: bound(1, 1_000, 32),
    /** Calls and listening streams. */
    callsPerPerson: bound(1, 10_000, 32),
    callsPerServer: bound(1, 100_000, 256),
    /** Calls at older servers that wait for what the server asked the person; each keeps its connection to the server. */
    parkedPerPerson: bound(1, 1_000, 16),
    parkedPerServer: bound(1, 100_000, 64),
    parkedCalls: bound(1, 100_000, 1_000),
    /** Questions of servers that wait for one older client, and for all. */
    questionsPerClient: bound(1, 1_000, 16),
    questions: bound(1, 100_000, 2_000),
    /** Answers to questions of servers within ten minutes, of one person and of all. */
    answersPerPerson: bound(1, 100_000, 1_000),
    answers: bound(1, 10_000_000, 100_000),
    /** Resources of one server that one client may subscribe to. */
    subscriptions: bound(1, 100_000, 1_000),
    /** Memory for what a sign-in subscribed to: in the sessions of its older clients, and in one stream of a newer one. */
    subscriptionBytes: bound(1_024, 256 * MIB, MIB),
    /** Processes of hosted servers at once. */
    hostedProcesses: bound(1, 10_000, 128),
    /** Open streams of HTTP+SSE servers at once. */
    sseStreams: bound(1, 100_000, 1_000),
    /** Requests under way at one hosted process, or on one stream of an HTTP+SSE server. */
    requestsPerChannel: bound(1, 100_000, 256),
    /** Subscriptions at one hosted process, which are under way for as long as their clients listen. */
    listenersPerChannel: bound(1, 100_000, 1_000),
    /** Until a server begins to answer. */
    firstByteSeconds: bound(1, 86_400, 60),
    /** The longest silence in an answer that has begun. */
    idleSeconds: bound(1, 86_400, 60),
    /** A call from its beginning to its end. */
    callSeconds: bound(1, 86_400, 600),
    /** How long a list of all servers waits for one of them. */
    listSeconds: bound(1, 60, 5),
    /** Of one list of one server. */
    listItems: bound(1, 100_000, 1_000),
    /** In which a server gives one list. */
    listPages: bound(1, 10_000, 100),
    listBytes: bound(1_024, 256 * MIB, 8 * MIB),
    /** One message of a server over stdio or HTTP+SSE, which is held whole. */
    messageBytes: bound(1_024, 256 * MIB, 16 * MIB),
    /** The answer to one call, which flows and is never held. */
    answerBytes: bound(1_024, 1024 * 1024 * MIB, 1024 * MIB),
  })
  .prefault({});

export type Limits = z.output<typeof limitsSchema>;

/** A call that found everything busy, and was not made. `what`: who has how many, in words. */
export function allBusy(key: keyof Limits, what: string): CodedError {
  return overLimit('rate_limited', key, `${what}, which is the limit`, 'The call was not made. Try again in a moment.');
}

/** An error that names its bound and says what to do: for whoever meets it, and for the admin whom they ask. */
export function overLimit(code: ErrorCode, key: keyof Limits, what: string, todo: string): CodedError {
  return new CodedError(code, { message: `${what} (limits.${key}). ${todo}` });
}
