import type { CredentialScope } from '../../credentials/credential-scope.js';
import type { Injection } from '../../credentials/injection.js';
import { UpstreamRefusal } from '../../upstreams/refusal.js';
import type { Parts } from '../parts.js';
import { resolveCredential } from './credential.js';
import { refusedCredential } from './refused-credential.js';

export type CredentialParts = Pick<Parts, 'credentials' | 'credentialHealth' | 'servers' | 'publicUrl'>;

/**
 * Asks a server with what opens it, and once more with something else where it takes the first no longer: with a 401 it says
 * that it did nothing (RFC 9110 §15.5.2). `given`: what is known to open it so far.
 * @throws CodedError upstream_refused, connection_refused, connection_needed (ConsentNeeded), fit for whoever asked.
 */
export async function withCredential<T>(
  parts: CredentialParts,
  scope: CredentialScope,
  ask: (injection: Injection) => Promise<T>,
  given?: Injection,
): Promise<T> {
  const first = given ?? (await resolveCredential(parts.credentials, scope));
  try {
    return await accepted(parts, scope, ask(first));
  } catch (error) {
    if (!(error instanceof UpstreamRefusal)) throw error;
    const second = error.status === 401 ? await renewed(parts, scope, first) : undefined;
    if (second === undefined) throw refused(parts, scope, error);
    return await accepted(parts, scope, ask(second)).catch((again: unknown) => {
      throw again instanceof UpstreamRefusal ? refused(parts, scope, again) : again;
    });
  }
}

/** Another credential than the refused one, which stays masked; undefined where there is none. */
export async function renewed(
  { credentials }: Pick<Parts, 'credentials'>,
  scope: CredentialScope,
  old: Injection,
): Promise<Injection | undefined> {
  const fresh = await credentials.renew(scope, old);
  if (fresh === undefined) return undefined;
  const { secrets: _read, ...rest } = fresh;
  return {
    ...rest,
    get secrets() {
      return [...old.secrets, ...fresh.secrets];
    },
  };
}

async function accepted<T>(parts: CredentialParts, scope: CredentialScope, asked: Promise<T>): Promise<T> {
  const answer = await asked;
  parts.credentialHealth.accepted(scope, parts.servers);
  return answer;
}

function refused(parts: CredentialParts, scope: CredentialScope, refusal: UpstreamRefusal): Error {
  const { status, detail, message } = refusal;
  const said = detail ?? message;
  const since = status === 401 ? parts.credentialHealth.refused(scope, parts.servers, said) : undefined;
  return refusedCredential(parts, scope, refusal, since);
}
