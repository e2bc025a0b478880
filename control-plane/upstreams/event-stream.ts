const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;
const SPACE = 0x20;
const DATA = Buffer.from('data');
const NEWLINE = Buffer.from('\n');

/** What a server-sent event stream consists of, for a relay: bytes of data as they come, and where events end. */
export interface EventConsumer {
  /** Bytes of the current event's data; lines are joined by LF, as the standard says. */
  data(chunk: Buffer): void;
  /** The event is complete; a priming event brought no bytes before. */
  event(): void;
  /** A comment line, which servers use to keep a connection alive. */
  comment(): void;
}

/** Splits `text/event-stream` bytes (HTML standard, 9.2.6) without waiting for whole events. Other fields are skipped. */
export class EventStreamReader {
  #field: number[] | undefined = [];
  #inData = false;
  #afterColon = false;
  #afterCarriageReturn = false;
  #hasLine = false;
  #hasData = false;

  constructor(private readonly consumer: EventConsumer) {}

  write(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      const byte = chunk[at]!;
      if (this.#afterCarriageReturn && byte === LF) {
        this.#afterCarriageReturn = false;
        at += 1;
        continue;
      }
      this.#afterCarriageReturn = false;
      if (byte === LF || byte === CR) {
        this.#afterCarriageReturn = byte === CR;
        this.#endLine();
        at += 1;
      } else if (this.#inData) {
        at = this.#value(chunk, at);
      } else {
        this.#fieldByte(byte);
        at += 1;
      }
    }
  }

  #value(chunk: Buffer, from: number): number {
    let start = from;
    if (this.#afterColon) {
      this.#afterColon = false;
      if (chunk[from] === SPACE) start += 1;
    }
    let end = start;
    while (end < chunk.length && chunk[end] !== LF && chunk[end] !== CR) end += 1;
    if (end > start) this.consumer.data(chunk.subarray(start, end));
    return end;
  }

  #fieldByte(byte: number): void {
    this.#hasLine = true;
    if (this.#field === undefined) return;
    if (byte !== COLON) {
      this.#field.push(byte);
      if (this.#field.length > DATA.length) this.#field = undefined;
      return;
    }
    if (this.#field.length === 0) this.consumer.comment();
    else if (DATA.equals(Buffer.from(this.#field))) this.#startData();
    this.#field = undefined;
  }

  #startData(): void {
    if (this.#hasData) this.consumer.data(NEWLINE);
    this.#hasData = true;
    this.#inData = true;
    this.#afterColon = true;
  }

  #endLine(): void {
    if (!this.#hasLine) {
      if (this.#hasData) this.consumer.event();
      this.#hasData = false;
    }
    this.#field = [];
    this.#inData = false;
    this.#afterColon = false;
    this.#hasLine = false;
  }
}
