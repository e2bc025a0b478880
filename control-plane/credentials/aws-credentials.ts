import { referenceOf, type Asked, type KindOfCredential } from './credential-kind.js';
import type { Injection } from './injection.js';
import type { KeptInjections } from './kept-injections.js';
import { awsKeys, awsSigV4, type AwsCredential } from './kinds/aws-sigv4.js';
import type { SecretReaders } from './secret-source.js';
import { readable } from './unavailable.js';

/** Keys of AWS, kept by the credential as one revision of the catalog has it, and read anew while a stream outlasts them. */
export function awsCredentials(kept: KeptInjections, secrets: SecretReaders): KindOfCredential<AwsCredential> {
  const current = (asked: Asked<AwsCredential>): Promise<Injection> =>
    kept.of(asked.credential, async () => {
      const keys = await awsKeys(asked.credential, (reference) => secrets.value(reference));
      return awsSigV4(referenceOf(asked), asked.credential, keys);
    });
  return {
    open: async (asked) => ({
      ...(await current(asked)),
      sign: async (request) => {
        const { sign } = await readable(asked.server, () => current(asked), asked.credential.kind);
        return sign === undefined ? {} : await sign(request);
      },
    }),
    forget: ({ credential }) => kept.forget(credential),
  };
}
