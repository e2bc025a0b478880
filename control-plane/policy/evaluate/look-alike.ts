import { plainForm } from '#shared/mcp/plain-form.js';
import { UnreadableArgument } from './unreadable-argument.js';

/**
 * Refuses a key that some servers take for one of `names` although it is spelled otherwise (other case, other form of
 * the same letters, invisible characters, `file_path` for `filePath`): the policy would judge the one, and the server do the other.
 * @param prefix of the names in what is said, as `filter.`
 */
export function refuseLookAlikes(keys: readonly string[], names: readonly string[], prefix: string): void {
  const byPlainForm = new Map(names.map((name) => [plain(name), name]));
  for (const key of keys) {
    const name = byPlainForm.get(plain(key));
    if (name === undefined || names.includes(key)) continue;
    throw new UnreadableArgument(prefix + name, 'comes with another one that is spelled almost like it');
  }
}

function plain(key: string): string {
  return plainForm(key.normalize('NFKC')).replaceAll(/[\s._-]/g, '');
}
