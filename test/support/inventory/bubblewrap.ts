import { execFileSync } from 'node:child_process';

/** Runs a program where nobody else's ports are, and sees no other process; its output. Throws where it fails. */
export function runApart(argv: readonly string[], env: Readonly<Record<string, string>>): string {
  const apart = [
    '--dev-bind',
    '/',
    '/',
    '--proc',
    '/proc',
    '--unshare-net',
    '--unshare-pid',
    '--die-with-parent',
    '--',
  ];
  return execFileSync('bwrap', [...apart, ...argv], {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 150_000,
    maxBuffer: 64 * 1024 * 1024,
  });
}
