import type { ErrorCode } from '#shared/errors.js';
import type { Machine } from '../apps/machine.js';
import type { CommandContext } from '../commands/context.js';
import type { CredentialStore } from '../credential-store/credential-store.js';
import type { ProbeResult } from '../credential-store/keychain-probe.js';
import type { ControlPlaneSession } from '../sign-in/open-session.js';
import type { CliSettings } from '../system/settings.js';
import type { CheckName, Found } from './finding.js';
import type { Route } from './network/route.js';

/** What doctor is run with. */
export interface Scene {
  readonly context: CommandContext;
  readonly machine: Machine;
  /** This program: what starts it, its file, its version. */
  readonly program: {
    readonly command: readonly [string, ...string[]];
    readonly file: string;
    readonly version: string;
  };
  /** Whether the keychain of this session answers, found out by a process of its own within 3 seconds. */
  readonly probeKeychain: () => Promise<ProbeResult>;
}

/** What earlier checks have found out for later ones. */
export interface Evidence {
  readonly settings?: CliSettings;
  /** The control plane's address. */
  readonly origin?: URL;
  readonly route?: Route;
  /** Milliseconds by which the control plane's clock is ahead of this computer's. */
  readonly clockOffset?: number;
  readonly store?: CredentialStore;
  readonly session?: ControlPlaneSession;
}

export interface Outcome {
  readonly found: readonly Found[];
  readonly learnt?: Evidence;
}

/** One thing that doctor looks at. */
export interface Check {
  readonly name: CheckName;
  /** For people. */
  readonly title: string;
  /** Checks without which this one says nothing: where one of them failed, it is skipped. */
  readonly needs: readonly CheckName[];
  /** Milliseconds. */
  readonly limit: number;
  /** What it counts as where it does not come to an end. */
  readonly code: ErrorCode;
  /** Systems on which there is something to look at; all where absent. */
  readonly platforms?: readonly NodeJS.Platform[];
  readonly run: (scene: Scene, evidence: Evidence, signal: AbortSignal) => Promise<Outcome>;
}

/** An outcome without anything for later checks. */
export const found = (...all: readonly Found[]): Outcome => ({ found: all });

/** A part of the evidence that the order of the checks guarantees. */
export function known<K extends keyof Evidence>(evidence: Evidence, key: K): NonNullable<Evidence[K]> {
  const value = evidence[key];
  if (value === undefined || value === null) throw new Error(`no earlier check has found out: ${key}`);
  return value;
}
