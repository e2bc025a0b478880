import { ERRORS } from '#shared/errors.js';
import type { PolicyInput } from '../decision.js';

export const FAILED = ERRORS.policy_failed.text;

/** The determining policies' own reasons, joined. */
export function reasonOf(policies: readonly string[], reasons: Readonly<Record<string, string>>): string {
  return policies.map((id) => reasons[id] ?? '').join(' ');
}

export function nothingPermits({ server, target }: PolicyInput): string {
  return `No policy permits the ${target.kind} ${quoted(target.name)} on the server ${quoted(server)}.`;
}

/** Names come from the caller: shown, but neither as control characters nor at any length. */
function quoted(name: string): string {
  return `“${name.slice(0, 200).replaceAll(/\p{C}/gu, '\u{fffd}')}”`;
}
