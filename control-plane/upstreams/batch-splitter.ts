const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_ARRAY, CLOSE_ARRAY, COMMA] = [0x7b, 0x7d, 0x5b, 0x5d, 0x2c];
const [LF, CR, SPACE, TAB] = [0x0a, 0x0d, 0x20, 0x09];

/** More in one batch are no batch that anybody means. */
const MOST = 1_000;

interface MessageConsumer {
  /** Bytes of the current message. */
  data(chunk: Buffer): void;
  /** The message is complete. */
  message(): void;
}

/** Takes a JSON-RPC batch (2025-03-26) apart as its bytes pass; a message that stands alone stays as it is. It checks nothing. */
export class BatchSplitter {
  #form: 'unknown' | 'alone' | 'batch' = 'unknown';
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** Bytes of the current message have been handed on. */
  #begun = false;

  constructor(private readonly consumer: MessageConsumer) {}

  write(chunk: Buffer): void {
    if (this.#form === 'unknown') {
      const first = chunk.findIndex((byte) => !isSpace(byte));
      if (first < 0) return;
      this.#form = chunk[first] === OPEN_ARRAY ? 'batch' : 'alone';
      if (this.#form === 'batch') return this.#split(chunk, first + 1);
    }
    if (this.#form === 'batch') this.#split(chunk, 0);
    else this.#hand(chunk);
  }

  /** The text has ended; another one may follow. */
  end(): void {
    this.#endMessage();
    this.#form = 'unknown';
    this.#depth = 0;
    this.#inString = false;
    this.#escaped = false;
  }

  #split(chunk: Buffer, begin: number): void {
    let from = begin;
    for (let at = begin; at < chunk.length; at += 1) {
      const byte = chunk[at]!;
      if (this.#inString) this.#stringByte(byte);
      else if (byte === QUOTE) this.#inString = true;
      else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) this.#depth += 1;
      else if (this.#depth > 0) this.#depth -= byte === CLOSE_OBJECT || byte === CLOSE_ARRAY ? 1 : 0;
      else if (byte === COMMA || byte === CLOSE_ARRAY || isSpace(byte)) {
        this.#hand(chunk.subarray(from, at));
        if (byte === COMMA || byte === CLOSE_ARRAY) this.#endMessage();
        from = at + 1;
      }
    }
    this.#hand(chunk.subarray(from));
  }

  #stringByte(byte: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (byte === BACKSLASH) this.#escaped = true;
    else if (byte === QUOTE) this.#inString = false;
  }

  #hand(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#begun = true;
    this.consumer.data(bytes);
  }

  #endMessage(): void {
    if (this.#begun) this.consumer.message();
    this.#begun = false;
  }
}

function isSpace(byte: number): boolean {
  return byte === SPACE || byte === LF || byte === CR || byte === TAB;
}

/** The messages of a text that is there whole: several where it is a batch, none where it is too many. */
export function splitBatch(text: Buffer): Buffer[] {
  const messages: Buffer[] = [];
  let parts: Buffer[] = [];
  const splitter = new BatchSplitter({
    data: (chunk) => parts.push(chunk),
    message: () => {
      if (messages.length <= MOST) messages.push(Buffer.concat(parts));
      parts = [];
    },
  });
  splitter.write(text);
  splitter.end();
  return messages.length <= MOST ? messages : [];
}
