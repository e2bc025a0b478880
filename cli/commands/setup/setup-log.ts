import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../../system/atomic-file.js';
import type { CommandContext } from '../context.js';
import type { ConfigResult } from './configure-apps.js';
import { resultFields } from './describe-results.js';

/** Lines; the oldest go. */
const LIMIT = 200;

/**
 * Keeps what a quiet setup changed, and what it could not, in `setup.log` of the person's state folder: a line of JSON for each
 * file. Nothing is said of files that were right. A log that cannot be written is none: a login must not notice.
 */
export async function logQuietly(
  { paths, now }: Pick<CommandContext, 'paths' | 'now'>,
  results: readonly ConfigResult[],
): Promise<void> {
  const time = now().toISOString();
  const worthwhile = results.filter(({ change, refused }) => change !== 'none' || refused !== undefined);
  const lines = worthwhile.map((result) => JSON.stringify({ time, ...resultFields(result) }));
  if (lines.length === 0) return;
  const file = join(paths.state, 'setup.log');
  const before = await readFile(file, 'utf8').catch(() => '');
  const kept = [...before.split('\n').filter(Boolean), ...lines].slice(-LIMIT);
  await writeFileAtomically(file, `${kept.join('\n')}\n`, 'config_invalid').catch(() => undefined);
}
