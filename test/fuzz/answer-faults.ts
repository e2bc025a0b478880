import { JSON_TYPE, STREAM_TYPE } from '#shared/mcp/headers.js';
import { isObject, type JsonObject } from '#shared/mcp/json-rpc.js';
import { ERRORS } from '#shared/errors.js';
import type { Outcome } from './deliver.js';
import type { HttpOutcome } from './http-answer.js';
import type { Throw } from './http-throws.js';

const PROBLEM_TYPE = 'application/problem+json';
/** What no answer may show: places in our code, errors of the engine, statements of the database. */
const INTERNALS =
  /\n\s+at |node_modules|\.ts:\d|\.js:\d|(?:Type|Range|Syntax|Reference)Error|SQLITE_|ECONN|Cannot read prop/;
/** Statuses without a body. */
const BARE = new Set([200, 202, 204, 405]);
/** Until all was sent, nobody owes an answer. */
const UNOWED = new Set<Throw['delivery']>(['cut', 'stops', 'bad-chunk', 'leaves']);

/** What is wrong with the answer to a throw; empty where nothing is. `foreign`: texts that it must not show. */
export function answerFaults(thrown: Throw, outcome: Outcome, foreign: readonly string[]): string[] {
  if (outcome === 'silence') return ['no answer'];
  if (outcome === 'nothing') return owed(thrown) ? ['the connection ended without an answer'] : [];
  return [...leaks(outcome.raw, foreign), ...formFaults(thrown, outcome)];
}

/** What a text shows that it must not. */
export function leaks(text: string, foreign: readonly string[]): string[] {
  const shown = foreign.filter((secret) => text.includes(secret)).map((secret) => `shows ${secret}`);
  const [internal] = INTERNALS.exec(text) ?? [];
  return internal === undefined ? shown : [...shown, `shows ${JSON.stringify(internal)}`];
}

/** What is wrong with a JSON-RPC message that is said to somebody. */
export function messageFaults(message: unknown): string[] {
  if (!isObject(message) || message['jsonrpc'] !== '2.0') return ['no JSON-RPC message'];
  const { method, error } = message;
  const faults: string[] = [];
  if (method !== undefined && typeof method !== 'string') faults.push('a method that is no text');
  if (method !== undefined && ('result' in message || 'error' in message))
    faults.push('a request and an answer in one');
  if (method === undefined && 'result' in message === 'error' in message) faults.push('not one of result and error');
  if (error !== undefined) faults.push(...errorFaults(error));
  return faults;
}

function errorFaults(error: unknown): string[] {
  if (!isObject(error) || !Number.isSafeInteger(error['code']) || typeof error['message'] !== 'string') {
    return ['an error without a number and a text'];
  }
  const code = isObject(error['data']) ? error['data']['code'] : undefined;
  if (error['code'] === ERRORS.internal.jsonRpc) return ['an error that nobody foresaw'];
  return typeof code === 'string' && !Object.hasOwn(ERRORS, code) ? [`an unknown code ${code}`] : [];
}

function owed({ delivery, open, body }: Throw): boolean {
  return !open && !UNOWED.has(delivery) && body.length < 200_000;
}

function formFaults(thrown: Throw, outcome: HttpOutcome): string[] {
  const { status, type, body, complete } = outcome;
  if (status >= 500 && status !== 503 && status !== 501) return [`HTTP ${status}`];
  if (type === STREAM_TYPE) return streamFaults(thrown, outcome);
  if (!complete) return thrown.method === 'HEAD' || cutByServer(thrown) ? [] : ['the answer is cut'];
  if (body === '') return BARE.has(status) || thrown.method === 'HEAD' ? [] : [`HTTP ${status} without a body`];
  const message = parsed(body);
  if (type === PROBLEM_TYPE) return problemFaults(message);
  if (type !== JSON_TYPE) return [`HTTP ${status} with ${type || 'no type'}`];
  return [...messageFaults(message), ...idFaults(thrown, message)];
}

/** Events that have ended, each one message; of answers there is one at most, and it is the last. */
function streamFaults(thrown: Throw, { body, complete }: HttpOutcome): string[] {
  const events = body
    .split('\n\n')
    .slice(0, -1)
    .filter((event) => !event.startsWith(':'));
  if (!events.every((event) => /^data: [^\n\r]*$/.test(event))) return ['an event that is no line of data'];
  const messages = events.map((event) => parsed(event.slice('data: '.length)));
  const answers = messages.filter((message) => isObject(message) && message['method'] === undefined);
  const faults = messages.flatMap(messageFaults);
  if (answers.length > 1) faults.push(`${answers.length} answers`);
  if (answers.length === 1) faults.push(...idFaults(thrown, answers[0]));
  if (answers.length === 1 && messages.at(-1) !== answers[0]) faults.push('an event after the answer');
  if (answers.length === 0 && complete && !thrown.open) faults.push('a stream that ended without an answer');
  return faults;
}

function problemFaults(problem: unknown): string[] {
  const known =
    isObject(problem) && typeof problem['detail'] === 'string' && Object.hasOwn(ERRORS, String(problem['code']));
  return known && problem['code'] !== 'internal' ? [] : ['no problem of the table of errors'];
}

/** An answer is the answer to what was asked: under the same id, unless that could not be read. */
function idFaults({ body }: Throw, answer: unknown): string[] {
  const asked = parsed(body.toString());
  const known = isObject(asked) ? asked['id'] : undefined;
  const { id, error } = isObject(answer) ? answer : ({} as JsonObject);
  if (error !== undefined && (id === undefined || id === null)) return [];
  return id === known ? [] : [`an answer to ${JSON.stringify(id)} in place of ${JSON.stringify(known)}`];
}

/** A server that breaks in the middle of a large answer leaves us nothing but to cut it. */
function cutByServer({ body }: Throw): boolean {
  return body.includes('crooked');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
