import { CodedError } from '#shared/errors.js';
import type { StoreKind } from '../../system/settings-file.js';

/** What the whole kit is made of. */
export interface Kit {
  /** The control plane, as managed settings name it: `https://mcp.example.com`. */
  readonly origin: string;
  /** Who gives the kit out, as a device shows it; one line. */
  readonly organization: string;
  /** Of the CLI that made the kit; in packages and bundles. */
  readonly version: string;
  /** Whether flag and environment of a person may name another control plane. */
  readonly overridable: boolean;
  readonly credentialStore?: StoreKind;
}

/** One file of the kit; `path` is relative, with `/`. */
export interface KitFile {
  readonly path: string;
  readonly content: string | Buffer;
  /** A script that is run as it is. */
  readonly executable?: true;
}

export type KitSystem = 'linux' | 'macos' | 'windows';

/** Where install.sh, install.ps1 and the packages put the executable: allow-lists name these very paths. */
export const EXECUTABLES: Readonly<Record<KitSystem, string>> = {
  linux: '/usr/local/bin/mcp-sso',
  macos: '/usr/local/bin/mcp-sso',
  windows: 'C:\\ProgramData\\mcp-sso\\mcp-sso.exe',
};

/** The arguments of the bridge in every app; they never change, since allow-lists compare them. */
export const BRIDGE = ['bridge'] as const;

/** Of profiles, preferences and packages. */
export const BUNDLE_ID = 'com.mcp-sso.bridge';

const PLAIN_ORIGIN = /^https?:\/\/(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d+)?$/;
const ORGANIZATION_LENGTH = 100;

/**
 * Refuses what could be read as more than a value somewhere: a URL may hold quotes, `$` and `&` in its host.
 * Throws CodedError usage.
 */
export function requirePlainKit({ origin, organization }: Kit): void {
  if (!PLAIN_ORIGIN.test(origin)) {
    throw wrong('--url must name the control plane by a host of letters, digits, dots and hyphens.');
  }
  const length = organization.trim() === '' ? 0 : organization.length;
  if (length === 0 || length > ORGANIZATION_LENGTH || /[\p{C}\p{Zl}\p{Zp}\ufffe\uffff]/u.test(organization)) {
    throw wrong(`--organization must be one line of 1 to ${ORGANIZATION_LENGTH} characters.`);
  }
}

function wrong(message: string): CodedError {
  return new CodedError('usage', { message });
}

/** JSON as a file. */
export function jsonFile(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
