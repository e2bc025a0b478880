import { Controller, Get, Header, Inject } from '@nestjs/common';
import { PATHS } from '#shared/api/paths.js';
import { Public } from '../../identity/access/public.decorator.js';
import type { SigningKeys } from '../../identity/signing-keys/signing-keys.service.js';
import type { SigningJwk } from '../../identity/signing-keys/stored-keys.js';
import { ASSERTION_KEYS } from './assertion-keys.js';

/** A key set (RFC 7517 §5) of public keys. */
export interface PublishedKeys {
  readonly keys: readonly Readonly<Record<string, unknown>>[];
}

/** The keys by which MCP servers check what we say of a person. */
@Public()
@Controller()
export class AssertionKeysController {
  constructor(@Inject(ASSERTION_KEYS) private readonly keys: Pick<SigningKeys, 'current' | 'confirm'>) {}

  /** Servers may keep it for five minutes: the next key is published a day before it signs. */
  @Get(PATHS.assertionKeys)
  @Header('cache-control', 'public, max-age=300')
  @Header('access-control-allow-origin', '*')
  async published(): Promise<PublishedKeys> {
    await this.keys.confirm();
    return { keys: this.keys.current.published.map(publicHalf) };
  }
}

/** Named one by one: whatever else a stored key comes to hold is not shown. */
function publicHalf({ kty, crv, x, y, kid }: SigningJwk): Readonly<Record<string, unknown>> {
  return { kty, crv, x, y, kid, alg: 'ES256', use: 'sig' };
}
