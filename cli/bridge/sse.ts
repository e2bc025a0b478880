import { StringDecoder } from 'node:string_decoder';
import { CodedError } from '#shared/errors.js';

/**
 * Reads server-sent events as they arrive and yields the data of each (HTML standard, 9.2.6). Event names, ids and
 * retry times mean nothing in MCP 2026-07-28 and are skipped. Throws `upstream_invalid` where one event holds
 * more than `limit` characters.
 */
export class SseReader {
  readonly #limit: number;
  readonly #decoder = new StringDecoder('utf8');
  /** The line that is still arriving. */
  #line = '';
  #data: string[] = [];
  #length = 0;
  #afterCarriageReturn = false;
  #atStart = true;

  constructor(limit: number) {
    this.#limit = limit;
  }

  *push(chunk: Buffer): Generator<string> {
    let text = this.#decoder.write(chunk);
    if (this.#atStart && text !== '') {
      this.#atStart = false;
      if (text.startsWith('\u{feff}')) text = text.slice(1);
    }
    const ending = /\r\n|\r|\n/g;
    let start = 0;
    if (this.#afterCarriageReturn && text !== '') {
      this.#afterCarriageReturn = false;
      if (text.startsWith('\n')) start = ending.lastIndex = 1;
    }
    for (let match = ending.exec(text); match !== null; match = ending.exec(text)) {
      const line = this.#line + text.slice(start, match.index);
      start = ending.lastIndex;
      this.#line = '';
      this.#afterCarriageReturn = match[0] === '\r' && start === text.length;
      const data = this.#take(line);
      if (data !== undefined) yield data;
    }
    this.#line += text.slice(start);
    this.#check(this.#line.length);
  }

  /** One whole line; an empty one ends the event. */
  #take(line: string): string | undefined {
    if (line === '') {
      const data = this.#data.length === 0 ? undefined : this.#data.join('\n');
      this.#data = [];
      this.#length = 0;
      return data;
    }
    if (line !== 'data' && !line.startsWith('data:')) return undefined;
    const value = line.slice('data:'.length);
    const data = value.startsWith(' ') ? value.slice(1) : value;
    this.#check(data.length);
    this.#length += data.length;
    this.#data.push(data);
    return undefined;
  }

  #check(more: number): void {
    if (this.#length + more > this.#limit) {
      throw new CodedError('upstream_invalid', { message: 'The answer is larger than the bridge can pass on.' });
    }
  }
}
