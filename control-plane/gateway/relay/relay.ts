import { CodedError } from '#shared/errors.js';
import type { JsonObject } from '#shared/mcp/json-rpc.js';
import type { UpstreamAnswer } from '../../upstreams/upstream-request.js';
import type { ClientResponse } from './client-response.js';
import { EventFlow } from './event-flow.js';
import type { MaskFactory } from './mask.js';
import { MessagePipe } from './message-pipe.js';
import type { ScanEdits } from './message-scanner.js';
import type { ScanFacts } from './scan-facts.js';

/** Milliseconds that a stream may stay open after its response before we close it. */
const LINGER = 1_000;

export interface RelayOptions {
  readonly edits: ScanEdits;
  readonly mask: MaskFactory;
  /** A notification, masked, as this client hears it; undefined where it does not. */
  readonly heard: (notification: ScanFacts, message: Buffer) => Buffer | undefined;
  /**
   * Takes a request of a legacy server to the client, masked. True where it is seen to while the answer flows on;
   * false where the answer has to wait for the client.
   */
  readonly asked: (request: JsonObject) => boolean;
}

/** The response of a call: everything before its last bytes has been sent, these are held for the outcome record. */
export interface RelayedResponse {
  readonly kind: 'response';
  readonly facts: ScanFacts;
  readonly rest: Buffer;
  /** `rest` is all of it. */
  readonly whole: boolean;
  /** Secrets that were masked in it. */
  readonly redactions?: number;
}

/** The server waits for an answer of the client; `run` goes on once it has it. */
interface RelayedQuestion {
  readonly kind: 'question';
  readonly request: JsonObject;
}

export type Relayed = RelayedResponse | RelayedQuestion;

interface Flow {
  flowing: boolean;
  write(chunk: Buffer): Relayed | undefined;
  /** Takes up what was left when the answer had to wait. */
  resume(client: ClientResponse, options: RelayOptions): Relayed | undefined;
  end(): Relayed;
}

/** Passes one answer of a server on as it arrives: to one client, or to that of each retry where the server asks for input. */
export class Relay {
  #flow: Flow | undefined;
  #turn: PromiseWithResolvers<Relayed> | undefined;
  /** Why nothing more comes. */
  #over: (() => unknown) | undefined;

  constructor(private readonly answer: UpstreamAnswer) {}

  /** Resolves when the response is complete, or the server waits for the client. Rejects coded. */
  run(client: ClientResponse, options: RelayOptions): Promise<Relayed> {
    const turn = Promise.withResolvers<Relayed>();
    this.#turn = turn;
    client.onDrain(() => {
      if (this.#turn === turn) this.answer.body.resume();
    });
    const flow = this.#flow;
    if (this.#over) this.#fail(this.#over());
    else if (flow === undefined) this.#begin(client, options);
    else {
      this.#step(() => flow.resume(client, options));
      if (this.#turn === turn) this.answer.body.resume();
    }
    return turn.promise;
  }

  #begin(client: ClientResponse, options: RelayOptions): void {
    const flow = this.answer.form === 'json' ? new JsonFlow(client, options) : new EventFlow(client, options);
    this.#flow = flow;
    this.answer.body.read({
      data: (chunk) => {
        if (this.#over) return true;
        this.#step(() => flow.write(chunk));
        return this.#over !== undefined || (this.#turn !== undefined && flow.flowing);
      },
      end: () => this.#step(() => flow.end()),
      failed: (error) => this.#fail(error),
    });
  }

  #step(step: () => Relayed | undefined): void {
    if (this.#over) return;
    try {
      const relayed = step();
      if (relayed === undefined) return;
      if (relayed.kind === 'response') this.#finish();
      this.#turn?.resolve(relayed);
      this.#turn = undefined;
    } catch (error) {
      this.#fail(error);
      this.answer.body.abort(error as Error);
    }
  }

  /** The connection is worth keeping where the server ends its stream by itself. */
  #finish(): void {
    this.#over = () => new CodedError('outcome_unknown', { detail: 'the answer was complete' });
    this.answer.settled?.();
    if (this.answer.form !== 'events') return;
    setTimeout(() => this.answer.body.abort(new CodedError('interrupted')), LINGER).unref();
  }

  #fail(error: unknown): void {
    this.#over ??= () => error;
    this.#turn?.reject(error);
    this.#turn = undefined;
  }
}

class JsonFlow implements Flow {
  flowing = true;
  readonly #pipe: MessagePipe;

  constructor(
    private readonly client: ClientResponse,
    { edits, mask }: RelayOptions,
  ) {
    this.#pipe = new MessagePipe(edits, mask());
  }

  write(chunk: Buffer): undefined {
    this.flowing = this.client.part(this.#pipe.write(chunk));
  }

  resume(): undefined {}

  end(): Relayed {
    const ended = this.#pipe.end();
    if (ended.facts.method || !(ended.facts.result || ended.facts.error)) {
      throw new CodedError('upstream_invalid', { detail: 'the answer is no response' });
    }
    return { kind: 'response', ...ended };
  }
}
