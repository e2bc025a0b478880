import { run } from './command.js';

const TRIAL = '--unshare-all --unshare-user --ro-bind / / --proc /proc --dev /dev -- true'.split(' ');

/** Said where the hosted server of the demo can't be put into a sandbox. */
export const NO_SANDBOX =
  'bubblewrap does not work on this computer, so the files server runs with isolation: none, as its settings then say. ' +
  'To see it in its sandbox, install it first: apt-get install -y bubblewrap';

/** Whether bubblewrap is here and allowed to make a sandbox. */
export async function sandboxWorks(path: string): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  const { code } = await run('bwrap', TRIAL, { cwd: '/', env: { PATH: path } });
  return code === 0;
}
