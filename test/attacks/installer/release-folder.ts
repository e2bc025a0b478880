import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The part of an executable's name that says for which computer it is. */
export const PLATFORM = `${process.platform === 'darwin' ? 'macos' : process.platform}-${process.arch}`;

/** Whoever releases: a key, as PEM for the installer and for signing. */
export interface Releaser {
  readonly privateKey: KeyObject;
  readonly publicPem: string;
}

export function newReleaser(): Releaser {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return { privateKey, publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString() };
}

/** What stands for an executable here: it says its version, and is large enough that a download can be cut. */
export function program(version: string): string {
  return `#!/bin/sh\necho ${version}\nexit 0\n${'#'.repeat(2_000_000)}\n`;
}

export interface Release {
  readonly folder: string;
  /** The executable's name in it. */
  readonly name: string;
}

/** A release in a new folder, as `npm run release` lays it out, of one program for this computer that `says` a version. */
export function writeRelease(folder: string, { privateKey }: Releaser, version: string, says = version): Release {
  mkdirSync(folder, { recursive: true });
  const name = `mcp-sso-${version}-${PLATFORM}`;
  const text = program(says);
  writeFileSync(join(folder, name), text);
  chmodSync(join(folder, name), 0o755);
  const sums = `${createHash('sha256').update(text).digest('hex')}  ${name}\n`;
  writeFileSync(join(folder, 'SHA256SUMS'), sums);
  writeFileSync(join(folder, 'SHA256SUMS.sig'), sign(null, Buffer.from(sums), privateKey));
  return { folder, name };
}
