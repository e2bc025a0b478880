import { parseHeader } from './record-header.js';

interface OutOfOrder {
  readonly message: string;
  readonly index: number;
  readonly id?: string;
}

/** What every record must keep to, given those before it: form, time, and that an outcome belongs to a call. */
export class RecordOrder {
  #lastTime = 0;
  readonly #openIntents = new Set<string>();

  /** `isPart`: earlier records were not seen, so an outcome may belong to a call among those. */
  constructor(private readonly isPart = false) {}

  check(index: number, text: string): OutOfOrder | undefined {
    const header = parseHeader(text);
    if (!header) return { index, message: `Record ${index} is not a canonical audit record.` };
    const at = { index, id: header.id };
    if (header.ts < this.#lastTime) {
      return { ...at, message: `Record ${index} is older than the record before it.` };
    }
    this.#lastTime = header.ts;
    if (header.phase === 'intent') this.#openIntents.add(header.id);
    if (header.phase === 'outcome' && !this.#openIntents.delete(header.ref ?? '') && !this.isPart) {
      return { ...at, message: `Record ${index} is the outcome of no call that is open at that point.` };
    }
    return undefined;
  }
}
