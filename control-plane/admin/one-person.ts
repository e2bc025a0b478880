import { CodedError } from '#shared/errors.js';
import type { SessionDirectory } from '../identity/sessions/session-directory.js';

/** More than one address is ever given to; enough to name them. */
const MAX_NAMED = 20;

/**
 * The id of the one person whose id or whole e-mail address this is. A name is not enough: people can choose theirs.
 * Throws `not_found`, and `params_invalid` where several have that address.
 */
export async function onePerson(word: string, directory: SessionDirectory): Promise<string> {
  const people = await directory.people({ people: await directory.meaning(word), limit: MAX_NAMED });
  const wanted = fold(word);
  const meant = people.filter(({ id, email }) => id === word || (email !== null && fold(email) === wanted));
  const [first] = meant;
  if (!first) {
    throw new CodedError('not_found', {
      message: 'Nobody with this id or e-mail address has signed in here. List people: mcp-sso admin users.',
    });
  }
  if (meant.length === 1) return first.id;
  const ids = meant.map(({ id, provider }) => `${id} (${provider})`).join(', ');
  throw new CodedError('params_invalid', { message: `Several people have this address: ${ids}. Name one by the id.` });
}

function fold(text: string): string {
  return text.normalize('NFC').toLowerCase().trim();
}
