import type { Effect } from '../config/settings.js';
import type { StepUpDemand } from './step-up.js';

/** What is decided about: plain data, so that a decision can be replayed. */
export interface PolicyInput {
  readonly person: { readonly id: string; readonly groups: readonly string[] };
  readonly server: string;
  readonly target: PolicyTarget;
}

export type PolicyTarget =
  | { readonly kind: 'tool'; readonly name: string; readonly effect: Effect }
  | { readonly kind: 'resource'; readonly uri: string }
  | { readonly kind: 'prompt'; readonly name: string }
  /** Any other request or notification of MCP or of an extension. */
  | { readonly kind: 'method'; readonly name: string };

export interface Decision {
  readonly outcome: 'allow' | 'deny';
  /** Ids of the determining policies; empty when none permits. */
  readonly policies: readonly string[];
  /** One public sentence: the deciding policy's @reason, or that no policy permits it. */
  readonly reason: string;
  /** SHA-256 (hex) of the policy set that decided. */
  readonly revision: string;
  /** True where evaluation itself failed and the denial is our own. */
  readonly failed: boolean;
  /** What an `allow` demands of the sign-in behind the call; absent where any will do. */
  readonly stepUp?: StepUpDemand;
}
