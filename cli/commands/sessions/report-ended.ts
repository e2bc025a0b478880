import { jsonLine } from '../command.js';
import type { CommandContext } from '../context.js';

/** Says what has ended, with the sessions that agents had derived from it (their ids have a dot). */
export function reportEnded({ json, stdout }: CommandContext, ended: readonly string[]): void {
  if (json) stdout(jsonLine({ ended }));
  else if (ended.length === 0) stdout('No live session matches, so nothing was ended.\n');
  else stdout(`Ended ${sessionCount(ended.length)}${delegatedAmong(ended)}: refused from the next call on.\n`);
}

function sessionCount(count: number): string {
  return count === 1 ? 'one session' : `${count} sessions`;
}

function delegatedAmong(ended: readonly string[]): string {
  const delegated = ended.filter((id) => id.includes('.')).length;
  return delegated === 0 ? '' : `, ${delegated} of them by an agent for the person`;
}
