import type { Injection } from '../../credentials/injection.js';

export interface CredentialResolver {
  resolve(server: string): Promise<Injection>;
}

/** Step 6: the company's credential for the server, never the client's. Throws `credential_unavailable`. */
export async function resolveCredential(credentials: CredentialResolver, server: string): Promise<Injection> {
  return await credentials.resolve(server);
}
