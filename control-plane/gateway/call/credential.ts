import type { CredentialResolver, CredentialScope } from '../../credentials/credential-scope.js';
import type { Injection } from '../../credentials/injection.js';

/** Step 6: what opens the server for this call, never what the client sent. Throws `credential_unavailable`. */
export async function resolveCredential(
  credentials: Pick<CredentialResolver, 'resolve'>,
  scope: CredentialScope,
): Promise<Injection> {
  return await credentials.resolve(scope);
}
