import { SecretUnreadable } from '../config/secret-reference.js';
import { credentialObjections } from './check-credential.js';
import { referenceOf, type Asked, type KindOfCredential } from './credential-kind.js';
import type { Injection } from './injection.js';
import { inject, type StaticCredential } from './kinds/inject.js';
import type { SecretReaders } from './secret-source.js';
import type { KeptInjections } from './kept-injections.js';

/** Secrets of the company that are sent as they are, kept by the credential as one revision of the catalog has it. */
export function staticCredentials(kept: KeptInjections, secrets: SecretReaders): KindOfCredential<StaticCredential> {
  return {
    open: (asked) => kept.of(asked.credential, () => read(asked, secrets)),
    forget: ({ credential }) => kept.forget(credential),
  };
}

async function read(asked: Asked<StaticCredential>, secrets: SecretReaders): Promise<Injection> {
  const { credential, settings } = asked;
  const [objection] = credentialObjections(credential, settings.url ?? '');
  if (objection !== undefined) throw new SecretUnreadable(`${objection.key}: ${objection.message}`, objection.fix);
  const { value, version } = await secrets.versioned(credential.secret);
  return { ...inject(referenceOf(asked), credential, value), ...(version === undefined ? {} : { version }) };
}
