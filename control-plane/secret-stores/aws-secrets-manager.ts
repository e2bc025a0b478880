import { SecretUnreadable } from '../config/secret-reference.js';
import { optionalPackage } from './optional-package.js';
import { fieldOf, type StoredSecret } from './stored-secret.js';

interface Asked {
  readonly name: string;
  readonly field?: string;
}

/**
 * The version AWSCURRENT of a secret, by the SDK and its usual chain of credentials
 * (https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html). Throws SecretUnreadable.
 */
export async function awsSecretsManager(region: string): Promise<(asked: Asked) => Promise<StoredSecret>> {
  const sdk = await optionalPackage('@aws-sdk/client-secrets-manager', () => import('@aws-sdk/client-secrets-manager'));
  const client = new sdk.SecretsManagerClient({ region, maxAttempts: 2 });
  return async ({ name, field }) => {
    const asked = new sdk.GetSecretValueCommand({ SecretId: name });
    const { SecretString: text } = await client
      .send(asked, { abortSignal: AbortSignal.timeout(4000) })
      .catch((error: unknown) => refused(error, error instanceof sdk.ResourceNotFoundException));
    if (text === undefined) throw new SecretUnreadable('the secret is no text', 'store it as SecretString');
    return { value: field === undefined ? text : fieldOf(parsed(text), field) };
  };
}

/** By its name alone: a message may hold what was sent. */
function refused(error: unknown, isAbsent: boolean): never {
  const name = error instanceof Error ? error.name : 'unknown';
  if (isAbsent) {
    throw new SecretUnreadable('AWS Secrets Manager has no such secret', 'correct its name or the region', 'absent');
  }
  throw new SecretUnreadable(
    `AWS Secrets Manager cannot be asked (${name})`,
    'check our credentials for AWS and the right secretsmanager:GetSecretValue',
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new SecretUnreadable('the secret is no JSON object', 'remove the # and what follows it');
  }
}
