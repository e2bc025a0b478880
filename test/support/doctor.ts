import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { once } from 'node:events';
import { within } from '../../demo/stack/child.js';
import { builtExecutable } from '../../demo/walk/executable.js';
import type { Finding } from '../../cli/doctor/finding.js';

const WAIT_MS = 40_000;

export interface DoctorRun {
  readonly code: number;
  readonly findings: readonly Finding[];
  readonly stderr: string;
  /** What was found by one check, as `ok` or the name of the fault. */
  readonly of: (check: Finding['check']) => string[];
  /** The sentence of a fault, and what mends it. */
  readonly says: (fault: string) => Pick<Finding, 'detail' | 'fix'>;
}

export interface DoctorOptions {
  readonly home: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  /** A command that runs it. */
  readonly inside?: readonly string[];
}

/** Runs the executable's `doctor --json` with nothing but HOME and `env` in its environment. */
export async function runDoctor({ home, env = {}, args = [], inside = [] }: DoctorOptions): Promise<DoctorRun> {
  const [program = '', ...words] = [...inside, builtExecutable(), 'doctor', '--json', ...args];
  const variables = { HOME: home, PATH: '/usr/bin:/bin', ...env };
  const child = spawn(program, words, { cwd: home, env: variables, stdio: ['ignore', 'pipe', 'pipe'] });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  try {
    const ended = Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]);
    const [[code], stdout, stderr] = await within(ended, WAIT_MS, 'mcp-sso doctor did not end');
    const { findings } = JSON.parse(stdout) as { findings: Finding[] };
    return {
      code: code as number,
      findings,
      stderr,
      of: (check) => findings.filter((one) => one.check === check).map(({ fault, state }) => fault ?? state),
      says: (fault) => {
        const { detail, fix } = findings.find((one) => one.fault === fault) ?? { detail: `no ${fault}: ${stdout}` };
        return { detail, ...(fix ? { fix } : {}) };
      },
    };
  } finally {
    process.off('exit', kill);
    kill();
  }
}
