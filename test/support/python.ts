import { execFile, execFileSync } from 'node:child_process';
import { join } from 'node:path';

const SCRIPT = join(import.meta.dirname, 'verify_audit.py');

/** Tests that need Python are skipped by name without it; in CI they run, and fail. */
export function isPythonMissing(): boolean {
  if (process.env['CI'] === 'true') return false;
  try {
    execFileSync('python3', ['--version']);
    return false;
  } catch {
    return true;
  }
}

/** RFC 6962, RFC 8032 and C2SP notes once more, in Python's standard library: `export FOLDER KEY`, `receipt FILE KEY` … */
export async function verifyInPython(...words: string[]): Promise<{ readonly exit: number; readonly said: string }> {
  return new Promise((resolve) => {
    execFile('python3', [SCRIPT, ...words], (error, stdout) => {
      const exit = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ exit, said: stdout.trim() });
    });
  });
}
