import { createPrivateKey, type KeyObject } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { SignJWT } from 'jose';
import { CONFIG } from '../../config/config.module.js';
import type { CredentialOf } from '../../config/credential-settings.js';
import { SecretUnreadable } from '../../config/secret-reference.js';
import type { LoadedConfig } from '../../config/settings.js';
import { issuerOf } from '../../identity/resources.js';
import type { SigningKeys } from '../../identity/signing-keys/signing-keys.service.js';
import type { SigningJwk } from '../../identity/signing-keys/stored-keys.js';
import { credentialObjections } from '../check-credential.js';
import { referenceOf, type Asked, type KindOfCredential } from '../credential-kind.js';
import { NO_INJECTION, type Injection } from '../injection.js';
import { assertionClaims, assertionSubject, type AssertionSubject } from './assertion-claims.js';
import { ASSERTION_KEYS } from './assertion-keys.js';

/** Explicit typing (RFC 8725 §3.11): nothing else that bears our name is of this type. */
const ASSERTION_TYPE = 'mcp-sso-assertion+jwt';
/** How long one is used: at least two thirds of its life are left when it leaves. */
const REUSED_MS = 20_000;
const MAX_KEPT = 10_000;

type UserAssertion = CredentialOf<'user-assertion'>;

interface Made {
  readonly assertion: string;
  readonly kid: string;
  readonly at: number;
  /** The assertion alone; one list for as long as it is used, because redaction remembers what it made of a list. */
  readonly secrets: readonly string[];
}

/** Signs who calls, for servers that check it by our published keys (RFC 7519, ES256). */
@Injectable()
export class UserAssertions implements KindOfCredential<UserAssertion> {
  /** By sign-in, server and everything that is said: what changes about a person is never said as it was. */
  readonly #made = new Map<string, Made>();
  readonly #keys = new WeakMap<SigningJwk, KeyObject>();

  constructor(
    @Inject(CONFIG) private readonly config: Pick<LoadedConfig, 'settings'>,
    @Inject(ASSERTION_KEYS) private readonly keys: Pick<SigningKeys, 'current' | 'confirm'>,
  ) {}

  /**
   * Each request to the server carries one that is at most 20 s old.
   * @throws SecretUnreadable where nobody has signed in.
   */
  async open(asked: Asked<UserAssertion>): Promise<Injection> {
    const { server, session, settings, credential } = asked;
    const url = settings.url ?? '';
    const [objection] = credentialObjections(credential, url);
    if (objection !== undefined) throw new SecretUnreadable(`${objection.key}: ${objection.message}`, objection.fix);
    const { person } = session;
    if (person === undefined) {
      throw new SecretUnreadable('it names a person, and nobody has signed in here', 'ask the server by a sign-in');
    }
    const issuer = issuerOf(this.config.settings.publicUrl);
    const subject = assertionSubject(issuer, url, credential, session, person);
    const current = (): Promise<Made> => this.#current([session.id, server], subject);
    let { secrets } = await current();
    return {
      ...NO_INJECTION,
      reference: referenceOf(asked),
      get secrets() {
        return secrets;
      },
      sign: async () => {
        const made = await current();
        if (!secrets.includes(made.assertion)) secrets = [made.assertion, ...secrets.slice(0, 1)];
        return { [credential.header.toLowerCase()]: made.assertion };
      },
    };
  }

  async #current(owner: readonly string[], subject: AssertionSubject): Promise<Made> {
    // A key that leaked and was replaced must not sign once more.
    await this.keys.confirm();
    const [jwk] = this.keys.current.published;
    if (jwk === undefined) throw new Error('there is no key that signs assertions');
    const id = JSON.stringify([owner, subject]);
    const now = Date.now();
    const known = this.#made.get(id);
    if (known?.kid === jwk.kid && now >= known.at && now - known.at < REUSED_MS) return known;
    const made = await this.#sign(jwk, subject, now);
    this.#made.delete(id);
    this.#made.set(id, made);
    this.#forgetOldest(now);
    return made;
  }

  async #sign(jwk: SigningJwk, subject: AssertionSubject, now: number): Promise<Made> {
    const assertion = await new SignJWT(assertionClaims(subject, now))
      .setProtectedHeader({ alg: 'ES256', typ: ASSERTION_TYPE, kid: jwk.kid })
      .sign(this.#privateKey(jwk));
    return { assertion, kid: jwk.kid, at: now, secrets: [assertion] };
  }

  #privateKey(jwk: SigningJwk): KeyObject {
    const known = this.#keys.get(jwk) ?? createPrivateKey({ key: jwk, format: 'jwk' });
    this.#keys.set(jwk, known);
    return known;
  }

  /** The first ones are the oldest. */
  #forgetOldest(now: number): void {
    for (const [id, { at }] of this.#made) {
      if (this.#made.size <= MAX_KEPT && now - at < REUSED_MS) return;
      this.#made.delete(id);
    }
  }
}
