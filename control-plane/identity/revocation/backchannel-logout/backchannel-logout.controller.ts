import { Body, Controller, Inject, Post, Res, UseGuards } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { PATHS } from '#shared/api/paths.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import { Public } from '../../access/public.decorator.js';
import { RateLimitGuard } from '../../rate-limit/rate-limit.guard.js';
import { SignalIntake, type Outcome } from '../signal-intake.js';
import { SignalSources, type SignalSource } from '../signal-sources.js';
import { SignalsService } from '../signals.service.js';
import { SignalRefused, type SignalClaims } from '../signed-signal.js';
import { LOGOUT_TOKEN_AGE, LOGOUT_TOKEN_TYPES, readLogoutToken } from './logout-token.js';

const PATH = 'back-channel-logout';

/** OpenID Connect Back-Channel Logout 1.0 §2.5: the provider says that somebody has signed out there. */
@Public()
@Controller()
@UseGuards(RateLimitGuard)
export class BackchannelLogoutController {
  constructor(
    @Inject(SignalSources) private readonly sources: SignalSources,
    @Inject(SignalIntake) private readonly intake: SignalIntake,
    @Inject(SignalsService) private readonly signals: SignalsService,
  ) {}

  /** 200, or 400 with an error of RFC 6749 §5.2 (§2.8), also where the logout failed here. */
  @Post(PATHS.backchannelLogout)
  async logout(@Body() form: unknown, @Res() reply: FastifyReply): Promise<void> {
    const heardAt = Date.now();
    void reply.header('cache-control', 'no-store');
    const delivery = {
      path: PATH,
      token: isObject(form) ? form['logout_token'] : undefined,
      sources: this.sources.backchannelLogout,
      types: LOGOUT_TOKEN_TYPES,
      maxAge: LOGOUT_TOKEN_AGE,
    } as const;
    try {
      const outcome = await this.intake.take(delivery, (claims, source) => this.#end(claims, source, heardAt));
      if (outcome === 'repeated') throw new SignalRefused('invalid_request', 'The token was used already.');
      void reply.code(200).send();
    } catch (error) {
      const isRefused = error instanceof SignalRefused;
      const description = isRefused ? error.message : 'The logout could not be carried out. Try again.';
      const code = isRefused ? 'invalid_request' : 'server_error';
      void reply.code(400).send({ error: code, error_description: description });
    }
  }

  async #end(claims: SignalClaims, source: SignalSource, heardAt: number): Promise<Outcome> {
    const { subject: sub, idpSession } = readLogoutToken(claims);
    const { provider, providerIssuer: iss } = source;
    const heard = { path: PATH, provider, source, reason: 'logout', heardAt } as const;
    if (idpSession !== undefined) {
      const ended = await this.signals.endIdpSession({ ...heard, idpSession, ...(sub ? { person: sub } : {}) });
      return ended ? 'acted' : 'nobody';
    }
    const subject = { format: 'iss_sub', iss, sub: sub ?? '' } as const;
    const saidAt = claims.iat * 1000;
    return (await this.signals.act({ ...heard, effect: 'end', subject, saidAt })) ? 'acted' : 'nobody';
  }
}
