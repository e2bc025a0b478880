import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A span as OTLP writes it in JSON. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly status: { readonly code: number };
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
}

/** A receiver of OTLP over HTTP on loopback that keeps every byte. */
export class OtlpCollector implements AsyncDisposable {
  readonly received: Received[] = [];
  /** How it answers; `hang` never does. */
  answer: number | 'hang' = 200;

  private constructor(private readonly server: Server) {
    server.on('request', (request, response) => void this.#take(request, response));
  }

  static async listen(): Promise<OtlpCollector> {
    const server = createServer();
    const collector = new OtlpCollector(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return collector;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Every body that came to a path. */
  bytes(path: string): Buffer {
    return Buffer.concat(this.received.flatMap((one) => (one.path === path ? [one.body] : [])));
  }

  /** Of bodies in JSON. */
  get spans(): ReceivedSpan[] {
    return this.received
      .filter(({ path }) => path === '/v1/traces')
      .flatMap(({ body }) => (JSON.parse(body.toString()) as TraceBody).resourceSpans)
      .flatMap(({ scopeSpans }) => scopeSpans)
      .flatMap(({ spans }) => spans)
      .map((span) => Object.assign(span, { attributes: attributesOf(span.attributes) }));
  }

  /** The last that came of each metric, of bodies in JSON. */
  get metrics(): ReadonlyMap<string, ReceivedMetric> {
    const metrics = this.received
      .filter(({ path }) => path === '/v1/metrics')
      .flatMap(({ body }) => (JSON.parse(body.toString()) as MetricBody).resourceMetrics)
      .flatMap(({ scopeMetrics }) => scopeMetrics)
      .flatMap((scope) => scope.metrics);
    return new Map(metrics.map((metric) => [metric.name, metric]));
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    this.received.push({ path: request.url ?? '', headers: request.headers, body });
    if (this.answer !== 'hang') response.writeHead(this.answer).end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

interface KeyValue {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

interface TraceBody {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly {
      readonly spans: readonly (Omit<ReceivedSpan, 'attributes'> & { readonly attributes: readonly KeyValue[] })[];
    }[];
  }[];
}

interface MetricBody {
  readonly resourceMetrics: readonly { readonly scopeMetrics: readonly { readonly metrics: ReceivedMetric[] }[] }[];
}

export interface ReceivedMetric {
  readonly name: string;
  readonly unit: string;
  readonly histogram?: { readonly dataPoints: readonly DataPoint[] };
  readonly sum?: { readonly dataPoints: readonly DataPoint[]; readonly isMonotonic: boolean };
  readonly gauge?: { readonly dataPoints: readonly DataPoint[] };
}

interface DataPoint {
  readonly attributes: readonly KeyValue[];
  readonly asDouble?: number;
  readonly count?: number;
  readonly sum?: number;
  readonly bucketCounts?: readonly number[];
  readonly explicitBounds?: readonly number[];
}

export function attributesOf(pairs: readonly KeyValue[]): Record<string, unknown> {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, plain(value)]));
}

function plain(value: Readonly<Record<string, unknown>>): unknown {
  const { arrayValue, intValue } = value;
  if (arrayValue !== undefined) return (arrayValue as { values: Record<string, unknown>[] }).values.map(plain);
  return intValue === undefined ? Object.values(value)[0] : Number(intValue);
}
