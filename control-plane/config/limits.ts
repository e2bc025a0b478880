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
    /** How deep lists and objects of a request may lie in each other. */
    nesting: bound(8, 1_000, 64),
    /** Messages of one JSON-RPC batch, which clients of 2025-03-26 may send. */
    batchMessages: bound(1, 1_000, 32),
    callsPerPerson: bound(1, 10_000, 32),
    callsPerServer: bound(1, 100_000, 256),
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
    listBytes: bound(1_024, 256 * MIB, 8 * MIB),
    /** One message of a server over stdio or HTTP+SSE, which is held whole. */
    messageBytes: bound(1_024, 256 * MIB, 16 * MIB),
    /** The answer to one call, which flows and is never held. */
    answerBytes: bound(1_024, 1024 * 1024 * MIB, 1024 * MIB),
  })
  .prefault({});

export type Limits = z.output<typeof limitsSchema>;

/** An error that names its bound and says what to do: for whoever meets it, and for the admin whom they ask. */
export function overLimit(code: ErrorCode, key: keyof Limits, what: string, todo: string): CodedError {
  return new CodedError(code, { message: `${what} (limits.${key}). ${todo}` });
}
