import type { JsonObject } from '#shared/mcp/json-rpc.js';
import type { ServerEar } from './server-ear.js';

/** Milliseconds that an ear hears on beside its successor: what is on its way to it arrives within them. */
const OVERLAP = 1_000;
/** Different messages that are compared. */
const MAX_COMPARED = 1_000;

type Ear = Pick<ServerEar, 'ready' | 'close'>;
type Say = (message: JsonObject) => void;
type Counts = Map<string, number>;

/**
 * The ear of one client at one server, and while another takes its place, both: the server is not told to stop in
 * between, nothing that it says is missed, and what both hear is said once.
 */
export class ServerEars {
  #current: Ear | undefined;
  /** Takes the place of the current one once it was opened, whatever its server said. */
  #next: Ear | undefined;
  #leaving: Ear | undefined;
  #timer: NodeJS.Timeout | undefined;
  #said: Counts = new Map();
  #closed = false;

  constructor(
    private readonly onNotification: Say,
    private readonly overlap: number = OVERLAP,
  ) {}

  /** Settles when the newest was opened, whatever its server said. */
  get ready(): Promise<void> {
    return (this.#next ?? this.#current)?.ready ?? Promise.resolve();
  }

  open(make: (say: Say) => Ear): void {
    const heard: Counts = new Map();
    const ear = make((message) => this.#say(heard, message));
    if (this.#current === undefined) {
      this.#current = ear;
      return;
    }
    this.#next?.close();
    this.#next = ear;
    void ear.ready.then(() => this.#succeed(ear));
  }

  close(): void {
    this.#closed = true;
    this.#next?.close();
    this.#current?.close();
    this.#leave();
  }

  #succeed(ear: Ear): void {
    if (this.#closed || this.#next !== ear) return;
    this.#leave();
    this.#leaving = this.#current;
    this.#current = ear;
    this.#next = undefined;
    this.#timer = setTimeout(() => this.#leave(), this.overlap).unref();
  }

  #leave(): void {
    clearTimeout(this.#timer);
    this.#leaving?.close();
    this.#leaving = undefined;
  }

  /** Where there are two, the one that has heard a message more often says it. */
  #say(heard: Counts, message: JsonObject): void {
    if (this.#next === undefined && this.#leaving === undefined) {
      this.#said.clear();
      heard.clear();
    } else if (!this.#isNews(heard, JSON.stringify(message))) return;
    this.onNotification(message);
  }

  #isNews(heard: Counts, key: string): boolean {
    const times = (heard.get(key) ?? 0) + 1;
    if (this.#said.size >= MAX_COMPARED) return true;
    heard.set(key, times);
    if (times <= (this.#said.get(key) ?? 0)) return false;
    this.#said.set(key, times);
    return true;
  }
}
