import { Body, Controller, Headers, Inject, Post, Res, UseGuards } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { PATHS } from '#shared/api/paths.js';
import { CodedError } from '#shared/errors.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import { Public } from '../../access/public.decorator.js';
import { RateLimitGuard } from '../../rate-limit/rate-limit.guard.js';
import { SignalIntake, type Outcome } from '../signal-intake.js';
import { SignalSources } from '../signal-sources.js';
import { SignalsService } from '../signals.service.js';
import { SignalRefused } from '../signed-signal.js';
import { subjectOf } from '../subject-identifier.js';

const PATH = 'universal-logout';
/** Okta's; the draft names none. Nothing else that the issuer signs is made for this. */
const TYPES = ['global-token-revocation+jwt'] as const;
/** Seconds; Okta's tokens live for five minutes. */
const MAX_AGE = 600;

/** Okta Universal Logout (draft-parecki-oauth-global-token-revocation): everything of one person is to end. */
@Public()
@Controller()
@UseGuards(RateLimitGuard)
export class UniversalLogoutController {
  constructor(
    @Inject(SignalSources) private readonly sources: SignalSources,
    @Inject(SignalIntake) private readonly intake: SignalIntake,
    @Inject(SignalsService) private readonly signals: SignalsService,
  ) {}

  /** 204; 400 for a body that names nobody; 401 for the token; 404 where the person is not known here; 503 to try again. */
  @Post(PATHS.globalTokenRevocation)
  async revoke(
    @Body() body: unknown,
    @Headers('authorization') authorization: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const heardAt = Date.now();
    void reply.header('cache-control', 'no-store');
    const subject = subjectOf(isObject(body) ? body['sub_id'] : undefined);
    const delivery = {
      path: PATH,
      token: /^bearer (.+)$/i.exec(authorization ?? '')?.[1],
      sources: this.sources.universalLogout,
      types: TYPES,
      maxAge: MAX_AGE,
    } as const;
    try {
      const outcome = await this.intake.take(delivery, async ({ iat }, source): Promise<Outcome> => {
        if (subject === undefined || subject.format === 'session') return 'ignored';
        const signal = { path: PATH, provider: source.provider, source, reason: 'global token revocation' } as const;
        const acted = await this.signals.act({ ...signal, effect: 'end', subject, heardAt, saidAt: iat * 1000 });
        return acted ? 'acted' : 'nobody';
      });
      if (outcome === 'repeated') throw new SignalRefused('invalid_request', 'The token was used already.');
      answer(reply, outcome);
    } catch (error) {
      if (error instanceof SignalRefused) refuse(reply, error.message);
      else throw error;
    }
  }
}

function answer(reply: FastifyReply, outcome: Outcome): void {
  if (outcome === 'acted') return void reply.code(204).send();
  if (outcome === 'nobody') {
    throw new CodedError('not_found', { message: 'This person is not known here, or not to this identity provider.' });
  }
  throw new CodedError('params_invalid', {
    message: '`sub_id` must be a subject identifier (RFC 9493) of the format iss_sub, email or opaque.',
  });
}

function refuse(reply: FastifyReply, description: string): void {
  const challenge = `Bearer error="invalid_token", error_description="${description}"`;
  void reply
    .code(401)
    .header('www-authenticate', challenge)
    .send({ error: 'invalid_token', error_description: description });
}
