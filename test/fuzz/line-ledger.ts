import { isUtf8 } from 'node:buffer';
import { isObject, type JsonObject } from '#shared/mcp/json-rpc.js';
import { messageFaults } from './answer-faults.js';

const LONGEST_LINE = 16 * 1024 * 1024;

interface Account {
  asked: number;
  /** Lines with this id that are no request: each may be answered under it, none must be. */
  broken: number;
  answered: number;
  /** Nobody may expect an answer any more. */
  cancelled: boolean;
}

/** What was sent to one bridge and what it answered, counted by id: `7` and `"7"` are two. */
export class LineLedger {
  readonly #accounts = new Map<string, Account>();
  /** Lines that could not be understood, or repeated an id that was still in use: each may be answered without an id. */
  #unclear = 0;
  #withoutId = 0;

  sent(line: Buffer): void {
    const message = messageIn(line);
    const id = message?.['id'];
    const request = typeof message?.['method'] === 'string' && isId(id);
    if (!request) this.#unclear += 1;
    if (!isId(id)) return;
    const account = this.#of(id);
    if (request && message?.['jsonrpc'] === '2.0') account.asked += 1;
    else account.broken += 1;
    if (account.asked > 1) this.#unclear += 1;
  }

  cancelled(id: unknown): void {
    if (isId(id)) this.#of(id).cancelled = true;
  }

  /** What is wrong with a line that the bridge said. */
  heard(line: string): string[] {
    const message = parsed(line);
    const faults = messageFaults(message);
    if (!isObject(message) || typeof message['method'] === 'string') return faults;
    const { id, error } = message;
    if (!isId(id)) {
      this.#withoutId += 1;
      const tooMany = this.#withoutId > this.#unclear;
      return [
        ...faults,
        ...(error === undefined ? ['a result without an id'] : []),
        ...(tooMany ? ['an error about nothing'] : []),
      ];
    }
    const account = this.#accounts.get(JSON.stringify(id));
    if (account === undefined) return [...faults, 'an answer that nobody asked for'];
    account.answered += 1;
    return account.answered > account.asked + account.broken ? [...faults, 'a second answer'] : faults;
  }

  /** What still waits has been waited for long enough. */
  giveUp(): void {
    for (const account of this.#accounts.values()) account.cancelled = true;
  }

  /** Ids of requests that wait for an answer. */
  waiting(): string[] {
    const open = [...this.#accounts].filter(
      ([, { asked, answered, cancelled }]) => asked > 0 && answered === 0 && !cancelled,
    );
    return open.map(([id]) => id);
  }

  #of(id: string | number): Account {
    const key = JSON.stringify(id);
    const account = this.#accounts.get(key) ?? { asked: 0, broken: 0, answered: 0, cancelled: false };
    this.#accounts.set(key, account);
    return account;
  }
}

/** A larger number is rounded on the way in, so that it is nobody's id. */
function isId(id: unknown): id is string | number {
  return typeof id === 'string' || (typeof id === 'number' && Math.abs(id) <= Number.MAX_SAFE_INTEGER);
}

/** A byte order mark before it, or spaces around it, change nothing (RFC 8259 §8.1). */
function messageIn(line: Buffer): JsonObject | undefined {
  const message = line.length <= LONGEST_LINE && isUtf8(line) ? parsed(line.toString().trim()) : undefined;
  return isObject(message) ? message : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
