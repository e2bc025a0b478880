import { valueAt } from './key-path.js';
import { parseSecretReference, resolveSecret, SecretUnreadable } from './secret-reference.js';
import type { Surroundings } from './surroundings.js';

const MIN_LENGTH = 32;

/** The token alone says which provider is speaking: it must be beyond guessing, and no other provider's. */
export async function scimToken(
  text: string,
  around: Surroundings,
): Promise<{ readonly message: string; readonly fix?: string } | undefined> {
  const token = await secretOf(text, around);
  if (token instanceof SecretUnreadable) return { message: token.message, fix: token.fix };
  if (token === undefined) return undefined;
  if (token.length < MIN_LENGTH) return { message: `the token is shorter than ${MIN_LENGTH} characters` };
  const all = await Promise.all(tokensIn(around.value).map((one) => secretOf(one, around)));
  return all.filter((one) => one === token).length > 1 ? { message: 'two providers have the same token' } : undefined;
}

async function secretOf(text: string, { directory, environment }: Surroundings) {
  const reference = parseSecretReference(text);
  if (!reference || reference.source === 'secret') return undefined;
  try {
    return await resolveSecret(reference, directory, environment);
  } catch (error) {
    if (error instanceof SecretUnreadable) return error;
    throw error;
  }
}

function tokensIn(value: unknown): string[] {
  const providers = Object.keys(valueAt(value, ['identity', 'providers']) ?? {});
  const tokens = providers.map((id) => valueAt(value, ['identity', 'providers', id, 'scim', 'token']));
  return tokens.filter((token) => typeof token === 'string');
}
