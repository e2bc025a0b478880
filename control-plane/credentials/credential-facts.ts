import type { RecordFacts } from '../audit/record.js';
import { isPersonalKind } from './personal-credential.js';
import type { Injection } from './injection.js';

/** What a record says of the credential that a call used: which, whose and of which version, never its value. */
export function credentialFacts({
  reference,
  version,
}: Pick<Injection, 'reference' | 'version'>): Pick<RecordFacts, 'credential' | 'credentialOf' | 'credentialVersion'> {
  const [, kinds] = reference.split('/');
  if (kinds === undefined) return { credential: reference };
  return {
    credential: reference,
    credentialOf: kinds.split('+').some(isPersonalKind) ? 'person' : 'company',
    ...(version === undefined ? {} : { credentialVersion: version }),
  };
}
