import { Inject, Injectable } from '@nestjs/common';
import type { ErrorCode } from '#shared/errors.js';
import { Metrics } from '../metrics.js';
import { SpanExport } from '../otlp/span-export.js';
import { boundedMethod } from './bounded-names.js';
import type { Failure } from './observed-request.js';
import { RequestObservation, type Beginning } from './request-observation.js';
import { spansOf } from './request-spans.js';

/** What operators see of MCP requests: counted always, traced where `telemetry.traces` is set. */
@Injectable()
export class RequestObserver {
  constructor(
    @Inject(Metrics) private readonly metrics: Metrics,
    @Inject(SpanExport) private readonly spans: SpanExport,
  ) {}

  /** Whether `client.address`, which is personal, may be told. */
  get showsAddresses(): boolean {
    return this.spans.showsAddresses;
  }

  begin(method: string, beginning: Beginning): RequestObservation {
    return new RequestObservation(boundedMethod(method), beginning, (trace) => this.spans.samples(trace));
  }

  /** `failure`: of the answer to the client. Never throws, and waits for nobody. */
  end(observation: RequestObservation, failure: Failure | undefined): void {
    const request = observation.ended(failure);
    this.metrics.requests.answered(request);
    if (observation.traced) this.spans.add(spansOf(request));
  }

  /** Before anybody was identified: counted, and on no record. */
  refused(code: ErrorCode): void {
    this.metrics.requests.refused(code);
  }

  sessionEnded(protocolVersion: string, milliseconds: number): void {
    this.metrics.requests.sessionEnded(protocolVersion, milliseconds);
  }

  watch(counts: () => { readonly calls: number; readonly streams: number }): void {
    this.metrics.requests.watch(counts);
  }
}
