const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;
const SPACE = 0x20;
const LONGEST_FIELD = 'retry'.length;
const MAX_VALUE = 1_025;
const NEWLINE = Buffer.from('\n');

/** What a server-sent event stream consists of, for a relay: bytes of data as they come, and where events end. */
export interface EventConsumer {
  /** Bytes of the current event's data; lines are joined by LF, as the standard says. */
  data(chunk: Buffer): void;
  /** The event is complete; a priming event brought no bytes before. */
  event(): void;
  /** A comment line, which servers use to keep a connection alive. */
  comment(): void;
  /** The fields `id`, once its event is complete and before `event`, and `retry`, where somebody asks for them. */
  field?(name: 'id' | 'retry', value: string): void;
}

/** Splits `text/event-stream` bytes (HTML standard, 9.2.6) without waiting for whole events. Other fields are skipped. */
export class EventStreamReader {
  #field: number[] | undefined = [];
  #inData = false;
  #other: { readonly name: 'id' | 'retry'; readonly value: number[] } | undefined;
  #afterColon = false;
  #afterCarriageReturn = false;
  #hasLine = false;
  #hasData = false;
  #id: string | undefined;

  constructor(private readonly consumer: EventConsumer) {}

  /** Answers how many bytes of the chunk belong to events that are complete. */
  write(chunk: Buffer): number {
    let at = 0;
    let complete = 0;
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
        at += 1;
        if (!this.#hasLine) complete = at;
        this.#endLine();
      } else if (this.#inData) {
        at = this.#value(chunk, at);
      } else {
        this.#fieldByte(byte);
        at += 1;
      }
    }
    return complete;
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
    if (this.#other) {
      if (this.#other.value.length < MAX_VALUE) this.#other.value.push(byte);
      return;
    }
    if (this.#field === undefined) return;
    if (byte !== COLON) {
      this.#field.push(byte);
      if (this.#field.length > LONGEST_FIELD) this.#field = undefined;
      return;
    }
    if (this.#field.length === 0) this.consumer.comment();
    else this.#startField(Buffer.from(this.#field).toString());
    this.#field = undefined;
  }

  #startField(name: string): void {
    if (name === 'data') this.#startData();
    else if (this.consumer.field && (name === 'id' || name === 'retry')) this.#other = { name, value: [] };
  }

  #startData(): void {
    if (this.#hasData) this.consumer.data(NEWLINE);
    this.#hasData = true;
    this.#inData = true;
    this.#afterColon = true;
  }

  #endLine(): void {
    if (!this.#hasLine) this.#endEvent();
    if (this.#other) this.#endField(this.#other.name, Buffer.from(this.#other.value).toString().replace(/^ /, ''));
    this.#other = undefined;
    this.#field = [];
    this.#inData = false;
    this.#afterColon = false;
    this.#hasLine = false;
  }

  #endEvent(): void {
    if (this.#id !== undefined) this.consumer.field?.('id', this.#id);
    this.#id = undefined;
    if (this.#hasData) this.consumer.event();
    this.#hasData = false;
  }

  #endField(name: 'id' | 'retry', value: string): void {
    if (name === 'id') this.#id = value;
    else this.consumer.field?.(name, value);
  }
}

/** JSON text fit for one `data` field: between tokens a line break may as well be a space, and inside of one there is none. */
export function onOneLine(json: Buffer): Buffer {
  if (!json.includes(LF) && !json.includes(CR)) return json;
  return Buffer.from(json.map((byte) => (byte === LF || byte === CR ? SPACE : byte)));
}
