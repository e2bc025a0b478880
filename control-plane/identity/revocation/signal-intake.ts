import { Inject, Injectable } from '@nestjs/common';
import { decodeJwt } from 'jose';
import { asCoded, errorText } from '#shared/errors.js';
import { Logger, shown } from '../../observability/logger.js';
import { Metrics } from '../../observability/metrics.js';
import { UsedTokens } from '../used-tokens.js';
import type { RevocationPath } from './revocation.service.js';
import type { SignalSource } from './signal-sources.js';
import { claimedIssuer, SignalRefused, verifySignal, type SignalClaims, type SignalRules } from './signed-signal.js';

/** `nobody`: it names no one who is known here. `ignored`: it is about something that changes nothing here. */
export type Outcome = 'acted' | 'nobody' | 'ignored' | 'repeated';

export interface Delivery extends Pick<SignalRules, 'types' | 'maxAge'> {
  readonly path: RevocationPath;
  readonly token: unknown;
  /** Who may say so, by this way. */
  readonly sources: readonly SignalSource[];
  /** Checks what came beside the token. Throws SignalRefused. */
  readonly admit?: (source: SignalSource) => Promise<void>;
}

type Act = (claims: SignalClaims, source: SignalSource) => Promise<Outcome>;

/** Lets each signal act once: checked, counted, and remembered only when it has acted, so that none is lost in a failure. */
@Injectable()
export class SignalIntake {
  constructor(
    @Inject(UsedTokens) private readonly usedTokens: UsedTokens,
    @Inject(Metrics) private readonly metrics: Metrics,
    @Inject(Logger) private readonly logger: Logger,
  ) {}

  /** Throws SignalRefused; or a CodedError where it was our fault, and the sender may try again. */
  async take(delivery: Delivery, act: Act): Promise<Outcome> {
    const { path } = delivery;
    try {
      const outcome = await this.#once(delivery, act);
      this.#note(path, outcome);
      this.logger.info('signal heard', { path: shown(path), outcome: shown(outcome) });
      return outcome;
    } catch (error) {
      const isRefused = error instanceof SignalRefused;
      this.#note(path, isRefused ? 'refused' : 'failed');
      const fields = { path: shown(path), error: shown(errorText(error)) };
      if (isRefused) this.logger.warn('signal refused', fields);
      else this.logger.error('signal failed', { ...fields, detail: shown(asCoded(error).detail) });
      throw isRefused ? error : asCoded(error);
    }
  }

  async #once({ path, token, sources, admit, types, maxAge }: Delivery, act: Act): Promise<Outcome> {
    const issuer = claimedIssuer(token);
    const text = String(token);
    const source = sourceOf(text, issuer, sources);
    if (source === undefined) throw new SignalRefused('invalid_issuer', 'The issuer is not configured for this.');
    await admit?.(source);
    const claims = await verifySignal(text, { ...source, types, maxAge });
    // Each way has its own: what came by one must not hide what comes by another.
    const key = `${path} ${issuer}`;
    if (await this.usedTokens.isUsed(key, claims.jti)) return 'repeated';
    const outcome = await act(claims, source);
    await this.usedTokens.use(key, claims.jti, (claims.iat + maxAge) * 1000);
    return outcome;
  }

  #note(path: RevocationPath, outcome: Outcome | 'refused' | 'failed'): void {
    this.metrics.revocationSignals.inc({ path, outcome });
  }
}

/** Two clients at one issuer are told apart by the audience; whether it is right is checked with the signature. */
function sourceOf(token: string, issuer: string, sources: readonly SignalSource[]): SignalSource | undefined {
  const { aud } = decodeJwt(token);
  const ofIssuer = sources.filter((source) => source.issuer === issuer);
  return ofIssuer.find(({ audience }) => [aud].flat().includes(audience)) ?? ofIssuer[0];
}
