import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../demo/stack/ports.js';
import { createPostgresDatabase } from './postgres-database.js';

const DEBIAN = '/usr/lib/postgresql';
const USER = 'mcp_sso';
const PASSWORD = 'only-in-tests';
/** A safety net: a machine that is busy is slow and not red. */
const START_MS = 60_000;
const END_MS = 10_000;
const NOT_DURABLE = ['fsync=off', 'full_page_writes=off', 'synchronous_commit=off'];

export interface PostgresOptions {
  /** False gives up what a power cut would need, for speed. */
  readonly durable?: boolean;
  /** `postgresql.conf`, such as `max_connections=20`. */
  readonly settings?: readonly string[];
  /** Where its own folder is made; that of temporary files unless set. */
  readonly parent?: string;
}

/** A PostgreSQL of its own on loopback, in a temporary folder, as an unprivileged user. It ends with this process. */
export class PostgresServer implements AsyncDisposable {
  #process: ChildProcess | undefined;

  private constructor(
    private readonly programs: string,
    readonly folder: string,
    readonly port: number,
    private readonly settings: readonly string[],
  ) {}

  /** The folder of the newest installed server's programs. */
  static installed(): string | undefined {
    if (!existsSync(DEBIAN)) return undefined;
    return readdirSync(DEBIAN)
      .toSorted((a, b) => Number(b) - Number(a))
      .map((version) => join(DEBIAN, version, 'bin'))
      .find((folder) => existsSync(join(folder, 'postgres')));
  }

  static async start({
    durable = true,
    settings = [],
    parent = tmpdir(),
  }: PostgresOptions = {}): Promise<PostgresServer> {
    const programs = PostgresServer.installed();
    if (programs === undefined) throw new Error('PostgreSQL is not installed; run: apt-get install -y postgresql');
    const folder = initialized(programs, parent);
    const all = ['max_connections=300', 'shared_buffers=64MB', ...(durable ? [] : NOT_DURABLE), ...settings];
    const server = new PostgresServer(programs, folder, await freePort(), all);
    await server.restart();
    return server;
  }

  get isRunning(): boolean {
    const { exitCode, signalCode } = this.#process ?? {};
    return exitCode === null && signalCode === null;
  }

  /** Of the database that is always there, as the superuser. */
  get url(): string {
    return this.urlOf('postgres');
  }

  urlOf(database: string): string {
    return `postgres://${USER}:${PASSWORD}@127.0.0.1:${this.port}/${database}`;
  }

  /** Makes an empty database; resolves to its address. */
  async createDatabase(): Promise<string> {
    return createPostgresDatabase(this.url);
  }

  /** Starts it again on the same data and port, after `stop` or `kill9`. */
  async restart(): Promise<void> {
    const deadline = Date.now() + START_MS;
    for (;;) {
      const { child, log } = this.#spawn();
      this.#process = child;
      if (await accepting(child, log, deadline)) return;
      await this.#end('SIGKILL');
      // What the killed one had started may take a moment to end.
      if (!/shared memory|already exists/.test(log()) || Date.now() > deadline) {
        throw new Error(`PostgreSQL does not start on port ${this.port}:\n${log()}`);
      }
    }
  }

  #spawn(): { child: ChildProcess; log: () => string } {
    const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', ...this.settings];
    const child = spawn(
      'setpriv',
      ['--pdeathsig', 'QUIT', join(this.programs, 'postgres')].concat(
        ['-D', join(this.folder, 'data'), '-p', String(this.port)],
        settings.flatMap((setting) => ['-c', setting]),
      ),
      { ...serverUser(), stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const lines: string[] = [];
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      lines.push(text);
      if (lines.length > 50) lines.shift();
    });
    return { child, log: () => lines.join('') };
  }

  /** Ends every connection and stops in order; all is on disk. */
  async stop(): Promise<void> {
    await this.#end('SIGINT');
  }

  /** All of it at once, as when the machine stops: the next start recovers from the write-ahead log. */
  async kill9(): Promise<void> {
    const children = childrenOf(this.#process?.pid);
    await this.#end('SIGKILL');
    for (const pid of children) killed(pid);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end('SIGQUIT');
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit', { signal: AbortSignal.timeout(END_MS) });
    child.kill(signal);
    await ended;
  }
}

function initialized(programs: string, parent: string): string {
  const folder = mkdtempSync(join(parent, 'mcp-sso-postgres-'));
  const user = serverUser();
  const password = join(folder, 'password');
  writeFileSync(password, PASSWORD);
  if (user.uid !== undefined) for (const path of [folder, password]) chownSync(path, user.uid, user.gid);
  execFileSync(
    join(programs, 'initdb'),
    ['-D', join(folder, 'data'), '-U', USER, `--pwfile=${password}`, '--auth=scram-sha-256'].concat([
      '--encoding=UTF8',
      '--locale=C.UTF-8',
      '--no-sync',
      '--no-instructions',
    ]),
    { ...user, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'], timeout: START_MS },
  );
  return folder;
}

/** PostgreSQL refuses to run as root. */
export function serverUser(): { uid: number; gid: number } | { uid?: never } {
  if (process.getuid?.() !== 0) return {};
  return { uid: idOf('-u'), gid: idOf('-g') };
}

function idOf(flag: '-u' | '-g'): number {
  return Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
}

/** False where it ended instead, or took too long. It says so on its standard error. */
async function accepting(child: ChildProcess, log: () => string, deadline: number): Promise<boolean> {
  while (!log().includes('ready to accept connections')) {
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) return false;
    await delay(10);
  }
  return true;
}

function childrenOf(pid: number | undefined): number[] {
  if (pid === undefined) return [];
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
}

function killed(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It noticed by itself.
  }
}
