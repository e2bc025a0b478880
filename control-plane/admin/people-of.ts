import type { SessionDirectory } from '../identity/sessions/session-directory.js';
import type { PersonFilter } from './person-filter.js';

/** The ids that a filter stands for; none where it stands for everyone. */
export async function peopleOf(
  filter: PersonFilter,
  directory: SessionDirectory,
): Promise<{ readonly people?: readonly string[] }> {
  if (filter.kind === 'everyone') return {};
  return { people: filter.kind === 'one' ? [filter.id] : await directory.meaning(filter.word) };
}
