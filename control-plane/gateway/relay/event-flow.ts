import { CodedError } from '#shared/errors.js';
import type { JsonObject, RequestId } from '#shared/mcp/json-rpc.js';
import { EventStreamReader } from '../../upstreams/event-stream.js';
import { RESOURCE_UPDATED } from '../../upstreams/listening.js';
import type { ClientResponse } from './client-response.js';
import { MessagePipe } from './message-pipe.js';
import type { ScanFacts } from './scan-facts.js';
import type { Relayed, RelayOptions } from './relay.js';

/** Requests to the client that one answer may hold. */
const MAX_QUESTIONS = 32;

type Piece = Buffer | 'event' | 'comment';

/** An answer that is an event stream: notifications and questions first, at last the response. */
export class EventFlow {
  flowing = true;
  #pipe: MessagePipe;
  /** What ends this turn: the response, or a question that the answer waits for. */
  #stop: Relayed | undefined;
  /** What arrived in the same chunk after the question. */
  #left: Piece[] = [];
  #questions = 0;
  readonly #reader: EventStreamReader;

  constructor(
    private client: ClientResponse,
    private options: RelayOptions,
  ) {
    this.#pipe = this.#newPipe();
    this.#reader = new EventStreamReader({
      data: (chunk) => this.#take(chunk),
      event: () => this.#take('event'),
      comment: () => this.#take('comment'),
    });
    client.beginEvents();
  }

  write(chunk: Buffer): Relayed | undefined {
    this.flowing = true;
    this.#reader.write(chunk);
    return this.#stop;
  }

  resume(client: ClientResponse, options: RelayOptions): Relayed | undefined {
    this.client = client;
    this.options = options;
    this.#pipe = this.#newPipe();
    this.#stop = undefined;
    this.flowing = true;
    client.beginEvents();
    for (const piece of this.#left.splice(0)) this.#take(piece);
    return this.#stop;
  }

  end(): Relayed {
    throw new CodedError('outcome_unknown', { detail: 'the event stream ended without a response' });
  }

  #take(piece: Piece): void {
    if (this.#stop?.kind === 'response') return;
    if (this.#stop) this.#left.push(typeof piece === 'string' ? piece : Buffer.from(piece));
    else if (piece === 'event') this.#event();
    else if (piece === 'comment') this.#note(this.client.comment());
    else this.#note(this.client.part(this.#pipe.write(piece)));
  }

  #event(): void {
    if (this.#pipe.empty) return;
    const pipe = this.#pipe;
    this.#pipe = this.#newPipe();
    const { rest, facts, whole, redactions } = pipe.end();
    if (!facts.method && (facts.result || facts.error))
      this.#stop = { kind: 'response', facts, rest, whole, redactions };
    else if (!facts.method) throw new CodedError('upstream_invalid', { detail: 'an event is no JSON-RPC message' });
    else if (facts.id === undefined) this.#notification(rest, facts, pipe.flowing);
    else this.#question(rest, facts.id, pipe.flowing);
  }

  #notification(rest: Buffer, facts: ScanFacts, begun: boolean): void {
    // What has partly left can't be judged any more, so it can only be cut.
    if (begun && facts.methodName === RESOURCE_UPDATED) throw tooMuch('the update of a resource is too large');
    const heard = begun ? rest : this.options.heard(facts, rest);
    if (heard !== undefined) this.#note(this.client.endMessage(heard));
  }

  /** A request to the client that is too large to be held has partly left, so it can only be cut; so can a flood. */
  #question(rest: Buffer, id: string, begun: boolean): void {
    this.#questions += 1;
    if (begun || this.#questions > MAX_QUESTIONS) {
      throw tooMuch('the server asks the client for too much');
    }
    // The id in the bytes is the client's by now.
    const request = { ...(JSON.parse(rest.toString()) as JsonObject), id: idOf(id) };
    if (!this.options.asked(request)) this.#stop = { kind: 'question', request };
  }

  #newPipe(): MessagePipe {
    return new MessagePipe(this.options.edits, this.options.mask());
  }

  #note(flowing: boolean): void {
    if (!flowing) this.flowing = false;
  }
}

function tooMuch(detail: string): CodedError {
  return new CodedError('upstream_invalid', { detail });
}

function idOf(json: string): RequestId {
  let id: unknown;
  try {
    id = JSON.parse(json);
  } catch {
    id = undefined;
  }
  if (typeof id === 'string' || typeof id === 'number') return id;
  throw new CodedError('upstream_invalid', { detail: 'a request of the server has no usable id' });
}
