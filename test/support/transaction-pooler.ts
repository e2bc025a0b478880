import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../demo/stack/ports.js';
import { accepting } from './accepting.js';

const PROGRAM = '/usr/sbin/pgbouncer';
/** What clients ask for at the start and pgbouncer doesn't know. */
const IGNORED = 'options,extra_float_digits,statement_timeout,lock_timeout,idle_in_transaction_session_timeout';

/** pgbouncer in transaction mode: every transaction may get another of few connections. */
export class TransactionPooler implements AsyncDisposable {
  private constructor(
    readonly url: string,
    private readonly process: ChildProcess,
    private readonly folder: string,
  ) {}

  /** Whether tests of it are skipped; in CI it must be here. */
  static absent(): boolean {
    return !existsSync(PROGRAM) && process.env['CI'] !== 'true';
  }

  /** In front of the database at `url`. */
  static async to(url: string): Promise<TransactionPooler> {
    const { hostname, port, username, password, pathname } = new URL(url);
    const [own] = await freePorts([0]);
    const folder = mkdtempSync(join(tmpdir(), 'mcp-sso-pooler-'));
    const database = `host=${hostname} port=${port} dbname=${pathname.slice(1)} user=${username} password=${password}`;
    const settings = [
      `[databases]\n${pathname.slice(1)} = ${database}`,
      `[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = ${own}\nunix_socket_dir =`,
      `auth_type = any\npool_mode = transaction\ndefault_pool_size = 10\nignore_startup_parameters = ${IGNORED}`,
    ];
    const file = join(folder, 'pgbouncer.ini');
    writeFileSync(file, settings.join('\n'));
    const args = process.getuid?.() === 0 ? ['--reuid', 'postgres', '--regid', 'postgres', '--init-groups'] : [];
    if (args.length > 0) await run('chown', ['-R', 'postgres', folder]);
    const child = spawn('setpriv', [...args, '--pdeathsig', 'KILL', PROGRAM, '--quiet', file], { stdio: 'ignore' });
    await accepting(child, { port: own ?? 0, name: 'pgbouncer', within: 10_000 });
    return new TransactionPooler(Object.assign(new URL(url), { host: `127.0.0.1:${own}` }).href, child, folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await ended;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function run(command: string, args: string[]): Promise<void> {
  await once(spawn(command, args, { stdio: 'ignore' }), 'exit');
}
