import { ERRORS } from '#shared/errors.js';
import type { Decision, PolicyInput } from '../decision.js';
import type { UnreadableArgument } from './unreadable-argument.js';

export const FAILED = ERRORS.policy_failed.text;

/** The determining policies' own reasons, joined. */
export function reasonOf(policies: readonly string[], reasons: Readonly<Record<string, string>>): string {
  return policies.map((id) => reasons[id] ?? '').join(' ');
}

export function nothingPermits({ server, target }: PolicyInput): string {
  return `No policy permits the ${target.kind} ${quoted(target.name)} on the server ${quoted(server)}.`;
}

export function unreviewed(server: string, tool: string): string {
  return `The tool ${quoted(tool)} on the server ${quoted(server)} is held back: nobody has accepted its definition yet, which is new, changed or not in the list of the server.`;
}

export function misfits(server: string, tool: string): string {
  return `The tool ${quoted(tool)} on the server ${quoted(server)} is held back: a policy no longer fits its definition.`;
}

/** The denial of a call whose arguments cannot be put before the policies that read them. */
export function unreadable({ argument, why }: UnreadableArgument, revision: string): Decision {
  const reason = `The argument ${quoted(argument)} ${why}, so the policies cannot judge it.`;
  return { outcome: 'deny', policies: [], reason, revision, failed: false, held: true };
}

/** Names come from the caller: shown, but neither as control characters nor at any length. */
function quoted(name: string): string {
  return `“${name.slice(0, 200).replaceAll(/\p{C}/gu, '\u{fffd}')}”`;
}
