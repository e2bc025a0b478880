import { CodedError } from '#shared/errors.js';
import type { RequestId } from '#shared/mcp/json-rpc.js';
import { EventStreamReader } from '../../upstreams/event-stream.js';
import type { UpstreamAnswer } from '../../upstreams/upstream-request.js';
import type { ClientResponse } from './client-response.js';
import type { MaskFactory } from './mask.js';
import { MessagePipe } from './message-pipe.js';
import type { ScanEdits, ScanFacts } from './message-scanner.js';

const LF = 0x0a;
const SPACE = Buffer.from(' ');
/** Milliseconds that a stream may stay open after its response before we close it. */
const LINGER = 1_000;
/** Requests to the client that one answer may hold: each is refused by a request of ours. */
const MAX_REFUSED = 32;

export interface RelayOptions {
  readonly edits: ScanEdits;
  readonly mask: MaskFactory;
  /** A legacy server asked the client for something; nothing of it reaches the client. */
  readonly refuse: (id: RequestId) => void;
}

/** The response of a call: everything before its last bytes has been sent, these are held for the outcome record. */
export interface Relayed {
  readonly facts: ScanFacts;
  readonly rest: Buffer;
}

/** Passes an answer to the client as it arrives and resolves when its response is complete. Rejects coded. */
export function relay(answer: UpstreamAnswer, client: ClientResponse, options: RelayOptions): Promise<Relayed> {
  const flow = answer.form === 'json' ? new JsonFlow(client, options) : new EventFlow(client, options);
  const { promise, resolve, reject } = Promise.withResolvers<Relayed>();
  let settled = false;
  const settle = (step: () => Relayed | undefined): void => {
    if (settled) return;
    try {
      const relayed = step();
      if (relayed === undefined) return;
      settled = true;
      resolve(relayed);
      if (answer.form === 'events') linger(answer);
    } catch (error) {
      settled = true;
      reject(error);
      answer.body.abort(error as Error);
    }
  };
  client.onDrain(() => answer.body.resume());
  answer.body.read({
    data(chunk) {
      settle(() => flow.write(chunk));
      return settled || flow.flowing;
    },
    end: () => settle(() => flow.end()),
    failed: (error) => {
      settled = true;
      reject(error);
    },
  });
  return promise;
}

/** The connection is worth keeping where the server ends its stream by itself. */
function linger({ body }: UpstreamAnswer): void {
  setTimeout(() => body.abort(new CodedError('interrupted')), LINGER).unref();
}

class JsonFlow {
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

  end(): Relayed {
    const ended = this.#pipe.end();
    if (!isResponse(ended.facts)) throw new CodedError('upstream_invalid', { detail: 'the answer is no response' });
    return ended;
  }
}

class EventFlow {
  flowing = true;
  #pipe: MessagePipe;
  #response: Relayed | undefined;
  #refused = 0;
  readonly #reader: EventStreamReader;

  constructor(
    private readonly client: ClientResponse,
    private readonly options: RelayOptions,
  ) {
    this.#pipe = this.#newPipe();
    this.#reader = new EventStreamReader({
      data: (chunk) => this.#data(chunk),
      event: () => this.#event(),
      comment: () => this.#note(client.comment()),
    });
    client.beginEvents();
  }

  write(chunk: Buffer): Relayed | undefined {
    this.flowing = true;
    this.#reader.write(chunk);
    return this.#response;
  }

  end(): Relayed {
    throw new CodedError('outcome_unknown', { detail: 'the event stream ended without a response' });
  }

  #data(chunk: Buffer): void {
    if (this.#response) return;
    // Between JSON tokens a line break may as well be a space, and a space needs no framing.
    const bytes = chunk.length === 1 && chunk[0] === LF ? SPACE : chunk;
    this.#note(this.client.part(this.#pipe.write(bytes)));
  }

  #event(): void {
    if (this.#response || this.#pipe.empty) return;
    const pipe = this.#pipe;
    this.#pipe = this.#newPipe();
    const { rest, facts } = pipe.end();
    if (isResponse(facts)) this.#response = { rest, facts };
    else if (!facts.method) throw new CodedError('upstream_invalid', { detail: 'an event is no JSON-RPC message' });
    else if (facts.id === undefined) this.#note(this.client.endMessage(rest));
    else this.#refuse(facts.id, pipe.flowing);
  }

  /** A request to the client that is too large to be held has partly left, so it can only be cut; so can a flood. */
  #refuse(id: string, flowing: boolean): void {
    this.#refused += 1;
    if (flowing || this.#refused > MAX_REFUSED) {
      throw new CodedError('upstream_invalid', { detail: 'the server asks the client for too much' });
    }
    this.options.refuse(JSON.parse(id) as RequestId);
  }

  #newPipe(): MessagePipe {
    return new MessagePipe(this.options.edits, this.options.mask());
  }

  #note(flowing: boolean): void {
    if (!flowing) this.flowing = false;
  }
}

function isResponse(facts: ScanFacts): boolean {
  return !facts.method && (facts.result || facts.error);
}
