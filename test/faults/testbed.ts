import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Child } from '../../demo/stack/child.js';
import { freePort } from '../../demo/stack/ports.js';
import { untilAnswering } from '../../demo/stack/ready.js';
import { ROOT } from '../../demo/stack/root.js';
import { Stack } from '../../demo/stack/stack.js';
import { Laptop } from '../../demo/walk/laptop.js';
import { everythingAt } from '../support/policies.js';
import type { PostgresServer } from '../support/postgres-server.js';
import { AiApp } from './ai-app.js';
import { Random } from '../support/random.js';

const PROGRAM = join(ROOT, 'test', 'support', 'recording-upstream.mjs');
const SERVERS = ['modern', 'legacy', 'hosted'];
const PEOPLE = ['alice', 'bob', 'carol'];

/** The demo company with upstreams that write down what they receive, and people whose apps never stop calling. */
export class Testbed implements AsyncDisposable {
  readonly stack: Stack;
  readonly apps: readonly AiApp[];
  /** What the upstreams wrote down; see `receivedCalls`. */
  readonly received: string;
  /** In the command line of every hosted server. */
  readonly mark: string;
  /** Address of the control plane's database where that is PostgreSQL. */
  readonly postgresUrl: string | undefined;
  readonly #port: number;
  #upstream: Child | undefined;

  private constructor(parts: Pick<Testbed, 'stack' | 'apps' | 'received' | 'mark' | 'postgresUrl'>, port: number) {
    this.stack = parts.stack;
    this.apps = parts.apps;
    this.received = parts.received;
    this.mark = parts.mark;
    this.postgresUrl = parts.postgresUrl;
    this.#port = port;
  }

  /** Starts everything and signs everyone in; nothing is called yet. `sqlite`: path of a database that is elsewhere. */
  static async open(seed: number, postgres?: PostgresServer, sqlite?: string): Promise<Testbed> {
    const folder = mkdtempSync(join(realpathSync(tmpdir()), 'mcp-sso-faults-'));
    const notes = join(folder, 'notes');
    mkdirSync(notes);
    const received = join(notes, 'received.jsonl');
    const mark = `mark-${randomUUID()}`;
    const port = await freePort();
    const postgresUrl = await postgres?.createDatabase();
    const stack = await Stack.start({
      folder,
      logLevel: 'debug',
      durableIdp: true,
      more: { servers: serverSettings(port, notes, received, mark), policies: POLICIES },
      ...databaseAt(postgresUrl ?? (sqlite === undefined ? undefined : `sqlite:${sqlite}`)),
    });
    const apps = PEOPLE.map(
      (person, index) => new AiApp(new Laptop(person, folder), SERVERS, new Random(seed + index)),
    );
    const testbed = new Testbed({ stack, apps, received, mark, postgresUrl }, port);
    try {
      await testbed.startUpstream();
      for (const { laptop } of apps) await laptop.login(stack.addresses.publicUrl);
      return testbed;
    } catch (error) {
      await testbed[Symbol.asyncDispose]();
      throw error;
    }
  }

  async startUpstream(): Promise<void> {
    await this.killUpstream();
    this.#upstream = new Child({
      name: 'upstream',
      args: [PROGRAM, this.received, String(this.#port)],
      env: {},
      cwd: this.stack.folder,
      logFile: join(this.stack.folder, 'logs', 'upstream.log'),
    });
    await untilAnswering(this.#upstream, `http://127.0.0.1:${this.#port}/modern`, [405]);
  }

  async killUpstream(): Promise<void> {
    await this.#upstream?.stop('SIGKILL');
  }

  /** Ends everything that it has started. */
  async stop(): Promise<void> {
    await Promise.all(this.apps.map((app) => app.kill()));
    await Promise.all([this.killUpstream(), this.stack.stop()]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    rmSync(this.stack.folder, { recursive: true, force: true });
  }
}

function databaseAt(database: string | undefined): { database?: string } {
  return database === undefined ? {} : { database };
}

function serverSettings(port: number, notes: string, received: string, mark: string): string {
  return `  modern:
    url: http://127.0.0.1:${port}/modern
  legacy:
    url: http://127.0.0.1:${port}/legacy
  hosted:
    command: ${JSON.stringify([process.execPath, PROGRAM, received, 'stdio', mark])}
    read: [${PROGRAM}]
    write: [${notes}]
`;
}

const POLICIES = SERVERS.map(everythingAt).join('');
