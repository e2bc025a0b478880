import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Child } from '../../demo/stack/child.js';
import { CRM_SECRET } from '../../demo/stack/company.js';
import { freePort } from '../../demo/stack/ports.js';
import { untilAnswering } from '../../demo/stack/ready.js';
import { ROOT } from '../../demo/stack/root.js';
import { Stack } from '../../demo/stack/stack.js';
import { INSPECTABLE } from '../support/inspector.js';
import { everythingAt } from '../support/policies.js';
import { processesWith } from '../support/processes.js';
import { InspectedProcess } from './inspected-process.js';
import { SERVERS } from './speech.js';

const PROGRAM = join(ROOT, 'test', 'fuzz', 'crooked-upstream.mjs');
/** A name that policy denies at every server. */
const FORBIDDEN = 'absent';

export const PEOPLE = ['alice', 'bob', 'carol'] as const;
export type PersonName = (typeof PEOPLE)[number];

/** The demo company in front of servers that answer crookedly. */
export class Stand implements AsyncDisposable {
  /** In whatever a person sends; no two runs have the same. */
  readonly markers: Readonly<Record<PersonName, string>>;

  private constructor(
    readonly stack: Stack,
    readonly controlPlane: InspectedProcess,
    private readonly upstream: Child,
    private readonly crossings: string,
    /** In the command line of every hosted server. */
    private readonly mark: string,
  ) {
    const run = randomBytes(4).toString('hex');
    this.markers = { alice: `mark-alice-${run}`, bob: `mark-bob-${run}`, carol: `mark-carol-${run}` };
  }

  static async open(): Promise<Stand> {
    const folder = mkdtempSync(join(realpathSync(tmpdir()), 'mcp-sso-fuzz-'));
    const notes = join(folder, 'notes');
    mkdirSync(notes);
    const [crossings, mark, port] = [join(notes, 'crossings.jsonl'), `mark-${randomUUID()}`, await freePort()];
    const servers = serverSettings(port, notes, crossings, mark);
    const stack = await Stack.start({ folder, logLevel: 'debug', more: { servers, policies: '' } });
    writeFileSync(join(stack.config, 'policies', 'company.cedar'), POLICIES);
    const upstream = new Child({
      name: 'upstream',
      args: [PROGRAM, crossings, String(port)],
      env: {},
      cwd: folder,
      logFile: join(folder, 'logs', 'upstream.log'),
    });
    try {
      await untilAnswering(upstream, `http://127.0.0.1:${port}/modern`, [405]);
      await stack.startControlPlane(['/usr/bin/env', INSPECTABLE]);
      const [pid = 0] = processesWith(stack.config);
      const controlPlane = await InspectedProcess.attach(pid, readFileSync(stack.logFile('control-plane'), 'utf8'));
      return new Stand(stack, controlPlane, upstream, crossings, mark);
    } catch (error) {
      await Promise.all([stack.stop(), upstream.stop()]);
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Hosted servers that run now. */
  hosted(): number[] {
    return processesWith(this.mark).filter((pid) => pid !== this.controlPlane.pid);
  }

  /** What the servers wrote down of two people in one session. */
  crossed(): string {
    return existsSync(this.crossings) ? readFileSync(this.crossings, 'utf8') : '';
  }

  /** Lines of logs that stand for an error nobody foresaw. */
  unforeseen(): string[] {
    if (!this.upstream.running) return [`the upstream ended: ${this.upstream.tail()}`];
    const lines = readFileSync(this.stack.logFile('control-plane'), 'utf8').split('\n');
    return lines.filter((line) => /unhandled|uncaught|"code":"internal"|^\s+at /i.test(line)).slice(0, 20);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.controlPlane.detach();
    await Promise.all([this.upstream.stop(), this.stack.stop()]);
    rmSync(this.stack.folder, { recursive: true, force: true });
  }
}

/** The limits are low, so that the fuzz passes them. */
function serverSettings(port: number, notes: string, crossings: string, mark: string): string {
  const key = `credential: { kind: header, name: X-Api-Key, secret: secret:${CRM_SECRET} }`;
  return `  modern:
    url: http://127.0.0.1:${port}/modern
    ${key}
  legacy:
    url: http://127.0.0.1:${port}/legacy
    ${key}
  hosted:
    command: ${JSON.stringify([process.execPath, PROGRAM, crossings, 'stdio', mark])}
    read: [${join(ROOT, 'test', 'fuzz')}]
    write: [${notes}]
limits:
  requestBytes: 262144
  firstByteSeconds: 2
  idleSeconds: 2
`;
}

/** In place of the demo's own, so that nobody may use, and nothing starts, its servers. */
const POLICIES = SERVERS.map(
  (server) => `${everythingAt(server)}@id("not-${server}") @reason("For the test.")
forbid (principal, action == Mcp::Action::"${server}/${FORBIDDEN}", resource);
`,
).join('');
