import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../demo/stack/command.js';
import { scenariosOf, SUITE, type Requirements } from './requirements.js';

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

const PROGRAM = join(SUITE, 'dist', 'index.js');
const AUTHORIZATION_SCENARIOS = ['authorization-server-metadata-endpoint', 'authorization-code-grant'];
const TIMEOUT_MS = 5 * 60_000;
/** Notes about what went by, not judgements; their number varies with timing. */
const NOTE = 'INFO';

/** Runs all scenarios for servers against the MCP endpoint. */
export function checkServer(url: string, requirements: Requirements): Promise<Checks> {
  return checks(['server', '--url', url, '--requirements', requirements], scenariosOf(requirements, 'server'), {});
}

/** Runs a scenario for clients: `command` gets the address of the scenario's server as its last argument. */
export function checkClient(
  command: string,
  scenario: string,
  version: Requirements,
  env: Readonly<Record<string, string>>,
): Promise<Checks> {
  return checks(['client', '--command', command, '--scenario', scenario, '--spec-version', version], [scenario], env);
}

export interface AuthorizationServer {
  readonly url: string;
  readonly clientId: string;
  readonly resource: string;
  /** Where the suite is called back on 127.0.0.1. */
  readonly port: number;
}

/** Runs all scenarios for authorization servers; `signIn` opens an address as the person's browser does. */
export function checkAuthorization(
  { url, clientId, resource, port }: AuthorizationServer,
  signIn: (address: string) => Promise<void>,
): Promise<Checks> {
  const args = ['--url', url, '--client-id', clientId, '--resource', resource, '--port', String(port)];
  const heard = (text: string): void => {
    const address = /^http\S+[?&]response_type=\S+$/m.exec(text)?.[0];
    // Without a callback the suite fails by itself, and says so.
    if (address !== undefined) void signIn(address).catch(() => undefined);
  };
  return checks(['authorization', ...args], AUTHORIZATION_SCENARIOS, {}, heard);
}

/** Throws where a scenario left no result: what was not run must not look like what was passed. */
async function checks(
  args: readonly string[],
  scenarios: readonly string[],
  env: Readonly<Record<string, string>>,
  heard?: (text: string) => void,
): Promise<Checks> {
  const folder = mkdtempSync(join(tmpdir(), 'mcp-sso-conformance-'));
  try {
    const { stdout, stderr } = await run(process.execPath, [PROGRAM, ...args, '--output-dir', folder], {
      cwd: folder,
      env: { PATH: process.env['PATH'] ?? '', HOME: folder, ...env },
      timeout: TIMEOUT_MS,
      ...(heard ? { heard } : {}),
    });
    const results = resultFolders(folder).map((path) => ({ path, scenario: scenarioOf(path) }));
    const missing = scenarios.filter((wanted) => !results.some(({ scenario }) => scenario === wanted));
    if (missing.length > 0) throw new Error(`No result of ${missing.join(', ')}:\n${stdout}${stderr}`);
    return new Map(results.flatMap(({ path, scenario }) => readChecks(join(folder, path, 'checks.json'), scenario)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function resultFolders(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('checks.json'))
    .map((path) => path.slice(0, -'/checks.json'.length));
}

/** The folder is called after its scenario: `server-ping-2026-11-23T05-45-18-806Z`, `auth/dpop-2026-…`. */
function scenarioOf(folder: string): string {
  return folder.replace(/-\d{4}-\d\d-\d\dT.*$/, '').replace(/^(authorization-)?server-/, '');
}

function readChecks(file: string, scenario: string): [string, Verdict][] {
  const list = JSON.parse(readFileSync(file, 'utf8')) as Check[];
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
