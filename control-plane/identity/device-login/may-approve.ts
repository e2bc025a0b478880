import type { Settings } from '../../config/settings.js';
import { isSameNetwork } from './same-network.js';

/** Whether a device that started at one client address may be let in from another. */
export function mayApprove(
  setting: Settings['identity']['deviceLogin'],
  startedFrom: string,
  approvedFrom: string,
): boolean {
  if (setting === 'anywhere') return true;
  return setting === 'same-network' && isSameNetwork(startedFrom, approvedFrom);
}
