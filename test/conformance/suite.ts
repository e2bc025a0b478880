import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../demo/stack/command.js';
import { ROOT } from '../../demo/stack/root.js';

/** Revisions whose frozen sets of requirements we run. */
export const REQUIREMENTS = ['2025-11-25', '2026-07-28'] as const;
export type Requirements = (typeof REQUIREMENTS)[number];

export interface Verdict {
  readonly status: string;
  /** What the suite says of a check that was not passed. */
  readonly message: string;
}

/** By `scenario check-id name`; a check that was made several times has a number behind it. */
export type Checks = ReadonlyMap<string, Verdict>;

interface Check {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly errorMessage?: string;
}

const PROGRAM = join(ROOT, 'test/peers/node_modules/@modelcontextprotocol/conformance/dist/index.js');
const TIMEOUT_MS = 5 * 60_000;
/** Notes about what went by, not judgements; their number varies with timing. */
const NOTE = 'INFO';

/** Runs the scenarios for servers against the MCP endpoint. */
export function checkServer(url: string, requirements: Requirements): Promise<Checks> {
  return checks(['server', '--url', url, '--requirements', requirements], {});
}

/** Runs a scenario for clients: `command` gets the address of the scenario's server as its last argument. */
export function checkClient(
  command: string,
  scenario: string,
  version: Requirements,
  env: Readonly<Record<string, string>>,
): Promise<Checks> {
  return checks(['client', '--command', command, '--scenario', scenario, '--spec-version', version], env);
}

async function checks(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Checks> {
  const folder = mkdtempSync(join(tmpdir(), 'mcp-sso-conformance-'));
  try {
    const { stdout, stderr } = await run(process.execPath, [PROGRAM, ...args, '--output-dir', folder], {
      cwd: folder,
      env: { PATH: process.env['PATH'] ?? '', HOME: folder, ...env },
      timeout: TIMEOUT_MS,
    });
    const found = new Map(resultFolders(folder).flatMap((name) => readChecks(folder, name)));
    if (found.size === 0) throw new Error(`The conformance suite left no result:\n${stdout}${stderr}`);
    return found;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `server-ping-2026-11-23T05-45-18-806Z`, one for each scenario. */
function resultFolders(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('checks.json'))
    .map((path) => path.slice(0, -'/checks.json'.length));
}

function readChecks(folder: string, name: string): [string, Verdict][] {
  const scenario = name.replace(/^server-/, '').replace(/-\d{4}-\d\d-\d\dT.*$/, '');
  const list = JSON.parse(readFileSync(join(folder, name, 'checks.json'), 'utf8')) as Check[];
  const seen = new Map<string, number>();
  return list
    .filter(({ status }) => status !== NOTE)
    .map(({ id, name: title, status, errorMessage: message = '' }) => {
      const key = `${scenario} ${id} ${title}`;
      const times = (seen.get(key) ?? 0) + 1;
      seen.set(key, times);
      return [times === 1 ? key : `${key} ${times}`, { status, message }];
    });
}
