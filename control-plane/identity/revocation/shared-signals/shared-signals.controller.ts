import { timingSafeEqual, createHash } from 'node:crypto';
import { Body, Controller, Headers, Inject, Post, Res, UseGuards, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { PATHS } from '#shared/api/paths.js';
import { Public } from '../../access/public.decorator.js';
import { RateLimitGuard } from '../../rate-limit/rate-limit.guard.js';
import { SignalIntake, type Outcome } from '../signal-intake.js';
import { SignalSources, type SignalSource } from '../signal-sources.js';
import { SignalsService } from '../signals.service.js';
import { SignalRefused, type Refusal, type SignalClaims } from '../signed-signal.js';
import { readSecurityEvents, SECURITY_EVENT_AGE, SECURITY_EVENT_TYPES, type SecurityEvent } from './security-event.js';

const PATH = 'shared-signals';
const CONTENT_TYPE = 'application/secevent+jwt';

/** Security events by push (RFC 8935) as the Shared Signals Framework 1.0 sends them. */
@Public()
@Controller()
@UseGuards(RateLimitGuard)
export class SharedSignalsController implements OnModuleInit {
  constructor(
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    @Inject(SignalSources) private readonly sources: SignalSources,
    @Inject(SignalIntake) private readonly intake: SignalIntake,
    @Inject(SignalsService) private readonly signals: SignalsService,
  ) {}

  onModuleInit(): void {
    const fastify = this.host.httpAdapter.getInstance<FastifyInstance>();
    fastify.addContentTypeParser(CONTENT_TYPE, { parseAs: 'string' }, (_request, body, done) => done(null, body));
  }

  /** 202, also for what was heard before and for what changes nothing; else an error of RFC 8935 §2.3; 503 to try again. */
  @Post(PATHS.securityEvents)
  async receive(
    @Body() token: unknown,
    @Headers('authorization') authorization: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const heardAt = Date.now();
    void reply.header('cache-control', 'no-store');
    const delivery = {
      path: PATH,
      token,
      sources: this.sources.sharedSignals,
      types: SECURITY_EVENT_TYPES,
      maxAge: SECURITY_EVENT_AGE,
      admit: (source: SignalSource) => requireSecret(source, authorization),
    } as const;
    try {
      await this.intake.take(delivery, (claims, source) => this.#actAll(claims, source, heardAt));
      void reply.code(202).send();
    } catch (error) {
      if (!(error instanceof SignalRefused)) throw error;
      refuse(reply, error.refusal, error.message);
    }
  }

  async #actAll(claims: SignalClaims, source: SignalSource, heardAt: number): Promise<Outcome> {
    const outcomes: Outcome[] = [];
    for (const event of readSecurityEvents(claims)) {
      outcomes.push(await this.#act(event, source, { heardAt, saidAt: claims.iat * 1000 }));
    }
    return outcomes.find((outcome) => outcome === 'acted') ?? outcomes[0] ?? 'ignored';
  }

  async #act(
    { effect, subject, name: reason }: SecurityEvent,
    source: SignalSource,
    times: { readonly heardAt: number; readonly saidAt: number },
  ): Promise<Outcome> {
    if (effect === 'none' || effect === 'verify') return 'ignored';
    if (subject === undefined) return 'nobody';
    const signal = { path: PATH, provider: source.provider, source, reason, effect, subject, ...times } as const;
    return (await this.signals.act(signal)) ? 'acted' : 'nobody';
  }
}

async function requireSecret({ secret }: SignalSource, authorization: string | undefined): Promise<void> {
  if (secret === undefined) return;
  const sent = /^bearer (.+)$/i.exec(authorization ?? '')?.[1] ?? '';
  if (timingSafeEqual(hash(sent), hash(await secret()))) return;
  throw new SignalRefused('authentication_failed', 'The bearer token is missing or wrong.');
}

/** Equal length for the comparison. */
function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function refuse(reply: FastifyReply, refusal: Refusal, description: string): void {
  const isAboutSender = refusal === 'authentication_failed';
  if (isAboutSender) void reply.header('www-authenticate', 'Bearer');
  void reply
    .code(isAboutSender ? 401 : 400)
    .header('content-language', 'en')
    .send({ err: refusal, description });
}
