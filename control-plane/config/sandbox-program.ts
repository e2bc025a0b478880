import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { errorText } from '#shared/errors.js';
import { programPath } from './program-path.js';
import type { Environment } from './secret-reference.js';

const TIMEOUT_MS = 5_000;
const TRIAL =
  '--unshare-all --unshare-user --die-with-parent --new-session --ro-bind / / --proc /proc --dev /dev -- true'.split(
    ' ',
  );
const run = promisify(execFile);

/** Why no server can be run under bubblewrap on this machine, and what to do; undefined where it works. */
export async function sandboxObjection(
  directory: string,
  environment: Environment,
): Promise<{ readonly message: string; readonly fix: string } | undefined> {
  if (process.platform !== 'linux') {
    return { message: 'bubblewrap exists on Linux only', fix: 'run the control plane on Linux' };
  }
  const program = await programPath('bwrap', directory, environment);
  if (program === undefined) {
    return { message: 'bubblewrap is not installed', fix: 'run: apt-get install -y bubblewrap' };
  }
  try {
    await run(program, TRIAL, { timeout: TIMEOUT_MS });
    return undefined;
  } catch (error) {
    const [line = ''] = (error as { stderr?: string }).stderr?.trim().split('\n') ?? [];
    return {
      message: `bubblewrap cannot make a sandbox here (${line === '' ? errorText(error) : line})`,
      fix: 'allow user namespaces to this user (in a container: to the container), or write isolation: user:NAME',
    };
  }
}
