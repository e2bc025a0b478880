import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { Health } from '../observability/health.js';
import { Logger, shown } from '../observability/logger.js';
import { drain } from './drain.js';
import { SilentConnections } from './silent-connections.js';

/** Calls under way get 10 s from the gateway; what is left after that gets the rest to say goodbye. */
const GRACE_MS = 12_000;

/**
 * The public listener's part of a stop: not ready, then no new connections, while the gateway ends its calls
 * (`beforeApplicationShutdown`); what a request may still need closes after the last answer (`onApplicationShutdown`).
 */
@Injectable()
export class GracefulShutdown implements OnModuleInit, OnModuleDestroy {
  #drained: Promise<boolean> | undefined;
  #silent: SilentConnections | undefined;

  constructor(
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost<FastifyAdapter>,
    @Inject(Health) private readonly health: Health,
    @Inject(Logger) private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    this.#silent = new SilentConnections(this.host.httpAdapter.getHttpServer());
    this.host.httpAdapter.getInstance().addHook('preClose', () => this.#finished());
  }

  begin(): void {
    if (this.#drained) return;
    this.health.stopping();
    this.logger.info('system.stopping');
    this.#drained = drain(this.host.httpAdapter.getHttpServer(), GRACE_MS, this.#silent);
  }

  onModuleDestroy(): void {
    this.begin();
  }

  async #finished(): Promise<void> {
    const finished = await this.#drained;
    if (finished === false) this.logger.warn('system.calls-cut', { afterMs: shown(GRACE_MS) });
  }
}
