import { spawnSync } from 'node:child_process';

/** Tests that need programs of the system are skipped by name without them; in CI they run, and fail. */
export function isProgramMissing(...programs: readonly string[]): boolean {
  if (process.env['CI'] === 'true') return false;
  return programs.some((program) => spawnSync('sh', ['-c', 'command -v "$0"', program]).status !== 0);
}
