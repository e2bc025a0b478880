import { CodedError } from '#shared/errors.js';
import type { Mask } from './mask.js';
import { MessageScanner, type ScanEdits } from './message-scanner.js';
import { requireMessage } from './require-message.js';
import type { ScanFacts } from './scan-facts.js';

/** A message up to this size is held until it is complete, so that a broken one is never begun. */
const HOLD = 64 * 1024;
/** What has to be understood before it goes on (requests and notifications, input that is required) is held up to this size. */
const HOLD_QUESTION = 1024 * 1024;

interface EndedMessage {
  readonly rest: Buffer;
  readonly facts: ScanFacts;
  readonly whole: boolean;
  readonly redactions: number;
}

/** One message on its way to the client: scanned, edited and masked; held while small, then passed on as it comes. */
export class MessagePipe {
  readonly #scanner: MessageScanner;
  #ready: Buffer[] = [];
  #size = 0;
  /** True once bytes of this message have been handed out. */
  flowing = false;

  constructor(
    edits: ScanEdits,
    private readonly mask: Mask,
  ) {
    this.#scanner = new MessageScanner(edits);
  }

  get empty(): boolean {
    return this.#size === 0;
  }

  /** The bytes that may go to the client now; empty while the message is held. Throws `upstream_invalid`. */
  write(chunk: Buffer): Buffer[] {
    this.#size += chunk.length;
    this.#ready.push(...this.#scanner.write(chunk));
    if (this.#scanner.invalid) throw invalid('the answer is no JSON object');
    if (this.#size <= (this.#question ? HOLD_QUESTION : HOLD)) return [];
    if (this.#scanner.facts.inputRequired) throw invalid('the server asks the client for too much');
    this.flowing = true;
    const masked = this.#ready.map((part) => this.mask.write(part)).filter((part) => part.length > 0);
    this.#ready = [];
    return masked;
  }

  get #question(): boolean {
    const { method, inputRequired } = this.#scanner.facts;
    return !this.flowing && (method || inputRequired);
  }

  /** What is left to send, and what the message was. Throws `upstream_invalid` where it was cut or malformed. */
  end(): EndedMessage {
    if (!this.#scanner.complete) throw invalid('the answer is cut');
    const text = Buffer.concat(this.#ready);
    const { method, inputRequired, id } = this.#scanner.facts;
    if (!this.flowing) requireMessage(text.toString(), method || inputRequired);
    else if (!method && id === undefined) throw invalid('the answer has no usable id');
    const rest = Buffer.concat([this.mask.write(text), this.mask.end()]);
    return { rest, facts: this.#scanner.facts, whole: !this.flowing, redactions: this.mask.hits };
  }
}

function invalid(detail: string): CodedError {
  return new CodedError('upstream_invalid', { detail });
}
