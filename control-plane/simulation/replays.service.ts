import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { v7 } from 'uuid';
import { CodedError, asCoded } from '#shared/errors.js';
import { AuditService } from '../audit/audit.service.js';
import { Logger, shown } from '../observability/logger.js';
import { CandidateEngine, type Candidate } from '../policy/candidate/candidate-engine.js';
import { Findings, replayCalls, type ReplayRange } from './replay-calls.js';

/** One replay, under way or ended. */
export interface ReplayJob {
  readonly id: string;
  readonly range: ReplayRange;
  readonly findings: Findings;
  state: 'running' | 'done' | 'cancelled' | 'failed';
  calls: number;
  fault: string | undefined;
}

interface Running {
  readonly job: ReplayJob;
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

/** What the last calls would have come to under other policies. One at a time; a replay ends with the process. */
@Injectable()
export class ReplaysService implements BeforeApplicationShutdown {
  #latest: Running | undefined;
  #starting = false;

  constructor(
    @Inject(AuditService) private readonly audit: AuditService,
    @Inject(Logger) private readonly logger: Logger,
  ) {}

  /** Throws `config_invalid` for policies with faults, `rate_limited` while another one runs. */
  async start(candidate: Candidate, range: ReplayRange): Promise<ReplayJob> {
    if (this.#starting || this.#latest?.job.state === 'running') throw busy();
    this.#starting = true;
    try {
      const engine = await CandidateEngine.start(candidate);
      const job: ReplayJob = {
        id: v7(),
        range,
        findings: new Findings(),
        state: 'running',
        calls: 0,
        fault: undefined,
      };
      const stop = new AbortController();
      this.#latest = { job, stop, ended: this.#run(job, engine, stop.signal) };
      return job;
    } finally {
      this.#starting = false;
    }
  }

  /** Throws `not_found`: only the last one is remembered, and only where it ran. */
  find(id: string): ReplayJob {
    if (this.#latest?.job.id === id) return this.#latest.job;
    throw new CodedError('not_found', {
      message:
        'This control plane has no such replay. A replay is kept by the replica that started it, until the next one or a restart: behind a load balancer, ask again, or start it anew.',
    });
  }

  async cancel(id: string): Promise<ReplayJob> {
    const job = this.find(id);
    await this.#stop();
    return job;
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#stop();
  }

  async #stop(): Promise<void> {
    this.#latest?.stop.abort();
    await this.#latest?.ended;
  }

  async #run(job: ReplayJob, engine: CandidateEngine, signal: AbortSignal): Promise<void> {
    try {
      job.calls = await this.audit.countCalls(job.range);
      await replayCalls(this.audit, engine, job.range, job.findings, signal);
      job.state = 'done';
    } catch (error) {
      job.state = signal.aborted ? 'cancelled' : 'failed';
      if (job.state === 'failed') this.#fail(job, error);
    } finally {
      await engine[Symbol.asyncDispose]();
    }
  }

  #fail(job: ReplayJob, error: unknown): void {
    const coded = asCoded(error);
    job.fault = coded.message;
    this.logger.warn('policy.replay-failed', { code: shown(coded.code) });
  }
}

function busy(): CodedError {
  return new CodedError('rate_limited', {
    message: 'Another replay is under way. Wait until it ends, or cancel it.',
  });
}
