import type { AwaitedKind } from '#shared/mcp/meta.js';
import type { UsedApproval } from '../../policy/approvals/approval.js';
import type { Decision } from '../../policy/decision.js';
import type { CallRoute } from './route.js';

/** What a call waits for before anything of it leaves. */
export interface Awaited {
  readonly kind: AwaitedKind;
  readonly id: string;
  /** The page on which it is done. */
  readonly url: string;
  /** For the person of the call: what has to be done, by whom, and where. */
  readonly waiting: string;
  /** What to do then, where their client does not wait. */
  readonly again: string;
  /** Epoch milliseconds. */
  readonly askedAt: number;
  /** They have to do it themselves: where nobody can show them what, nothing is to be waited for. */
  readonly byCaller: boolean;
  /** Resolves when it is done or has ended, or after `milliseconds`. Rejects with the signal's reason. */
  waitFor(milliseconds: number, signal: AbortSignal): Promise<void>;
}

/** A call that waits. */
interface HeldCall {
  readonly awaited: Awaited;
  /** The record of it, where the client comes back with our state. */
  readonly reference: string | undefined;
}

export interface Judged {
  readonly decision: Decision;
  /** Without a state of ours that says no more than what the call waited for. */
  readonly to: CallRoute;
  readonly approval?: UsedApproval;
  readonly held?: HeldCall;
}

/** For what a request has waited already: it waits for each kind once. */
export type Waited = ReadonlyMap<AwaitedKind, { readonly id: string; readonly reference: string }>;

/** All that is to be said to whoever does not wait. */
export function askAgainText({ waiting, again }: Awaited, reference: string): string {
  return `${waiting} ${again} Reference: ${reference}.`;
}

/** Hours and minutes, for words that are read the same day. */
export function untilText(time: number): string {
  return `${new Date(time).toISOString().slice(11, 16)} UTC`;
}
