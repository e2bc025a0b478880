import { isSecretReference } from '../config/store-reference.js';
import type { HostedSettings } from '../config/settings.js';
import { fileSecrets } from './file-secrets.js';
import { NO_INJECTION, type Injection } from './injection.js';
import type { SecretReaders } from './secret-source.js';

/**
 * What a hosted server gets: its environment with the references resolved, and the files that hold its credentials.
 * @throws SecretUnreadable
 */
export async function hostedInjection(
  server: string,
  { env, files }: Pick<HostedSettings, 'env' | 'files'>,
  readers: SecretReaders,
): Promise<Injection> {
  const variables = await Promise.all(
    Object.entries(env).map(async ([name, text]) => {
      const secret = isSecretReference(text);
      return { name, secret, value: secret ? await readers.value(text) : text };
    }),
  );
  const contents = await Promise.all(
    Object.entries(files).map(async ([path, text]) => [path, await readers.content(text)] as const),
  );
  const kinds = [...(variables.some(({ secret }) => secret) ? ['env'] : []), ...(contents.length > 0 ? ['files'] : [])];
  return {
    ...NO_INJECTION,
    ...(kinds.length === 0 ? {} : { reference: `${server}/${kinds.join('+')}` }),
    environment: Object.fromEntries(variables.map(({ name, value }) => [name, value])),
    files: Object.fromEntries(contents),
    secrets: [
      ...variables.filter(({ secret }) => secret).map(({ value }) => value),
      ...contents.flatMap(([, content]) => fileSecrets(content)),
    ],
  };
}

/** The same with a token beside: an environment has one value for a name, and the token's is the newer. */
export function withToken(own: Injection, token: Injection): Injection {
  const [, kinds] = own.reference.split('/');
  const [server, kind] = token.reference.split('/');
  return {
    ...own,
    reference: kinds === undefined ? token.reference : `${server}/${kinds}+${kind}`,
    environment: { ...own.environment, ...token.environment },
    secrets: [...own.secrets, ...token.secrets],
  };
}
