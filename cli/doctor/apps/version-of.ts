import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { z } from 'zod';

const PATIENCE = 4_000;
const answerSchema = z.object({ version: z.string().regex(/^\d+\.\d+\.\d+[\w.+-]{0,40}$/) });

/** What another mcp-sso says of its version; undefined where it says none within 4 seconds. It is given no environment but what Windows cannot do without. */
export async function versionOf(program: string, systemRoot: string | undefined): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(program, ['version', '--json'], {
      timeout: PATIENCE,
      killSignal: 'SIGKILL',
      windowsHide: true,
      maxBuffer: 64 * 1024,
      env: systemRoot === undefined ? {} : { SystemRoot: systemRoot },
    });
    return answerSchema.parse(JSON.parse(stdout)).version;
  } catch {
    return undefined;
  }
}
