import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import SQLite from 'better-sqlite3';
import { freePort } from '../../../demo/stack/ports.js';
import { GlewlwydAdministration } from './administration.js';
import { configurationFile } from './settings.js';

const PROGRAM = '/usr/bin/glewlwyd';
const SCHEMA = '/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3';
const START_MS = 20_000;
const END_MS = 10_000;

/** The one client that is registered there. */
export interface RegisteredClient {
  readonly id: string;
  readonly secret: string;
  /** Origin of the control plane. */
  readonly publicUrl: string;
}

/**
 * Glewlwyd, an OpenID provider of Debian's that shares no code with ours, on loopback, with its data in `folder`. Its
 * issuer has a path. It ends with this process.
 */
export class Glewlwyd implements AsyncDisposable {
  #process: ChildProcess | undefined;

  private constructor(
    private readonly folder: string,
    private readonly port: number,
    readonly administration: GlewlwydAdministration,
  ) {}

  static installed(): boolean {
    return existsSync(PROGRAM) && existsSync(SCHEMA);
  }

  static async start(folder: string, client: RegisteredClient): Promise<Glewlwyd> {
    if (!Glewlwyd.installed()) throw new Error('Glewlwyd is not installed; run: apt-get install -y glewlwyd');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const port = await freePort();
    const origin = `http://localhost:${port}`;
    createDatabase(join(folder, 'glewlwyd.db'));
    writeFileSync(join(folder, 'glewlwyd.conf'), configurationFile({ folder, port, origin }), { mode: 0o600 });
    const glewlwyd = new Glewlwyd(folder, port, new GlewlwydAdministration(origin));
    await glewlwyd.restart();
    await glewlwyd.administration.setUp(client);
    return glewlwyd;
  }

  get issuer(): string {
    return `http://localhost:${this.port}/api/oidc`;
  }

  /** Starts it on the same data and port, after `stop`. */
  async restart(): Promise<void> {
    const command = [PROGRAM, `--config-file=${join(this.folder, 'glewlwyd.conf')}`];
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...command], { stdio: ['ignore', 'pipe', 'pipe'] });
    let log = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (log = (log + text).slice(-5000)));
    }
    this.#process = child;
    const deadline = Date.now() + START_MS;
    while (!(await answers(`http://localhost:${this.port}/config`))) {
      if (child.exitCode !== null || Date.now() > deadline) throw new Error(`Glewlwyd does not start:\n${log}`);
      await delay(20);
    }
  }

  /** As if every password had been typed `seconds` earlier. */
  agePasswords(seconds: number): void {
    const database = new SQLite(join(this.folder, 'glewlwyd.db'));
    try {
      database
        .prepare('update g_user_session_scheme set guss_last_login = guss_last_login - ? where guasmi_id is null')
        .run(seconds);
    } finally {
      database.close();
    }
  }

  async stop(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit', { signal: AbortSignal.timeout(END_MS) });
    child.kill('SIGTERM');
    await ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

/** From the schema of the package, so that it does not matter how the package was configured. */
function createDatabase(file: string): void {
  const database = new SQLite(file);
  try {
    database.exec(readFileSync(SCHEMA, 'utf8'));
  } finally {
    database.close();
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
