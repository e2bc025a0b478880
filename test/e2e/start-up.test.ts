import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, it, vi } from 'vitest';
import type { CommandResult } from '../../demo/stack/command.js';
import { ROOT } from '../../demo/stack/root.js';
import { fillUp } from '../support/fill-up.js';
import { credentials, send } from '../support/http.js';
import { Installation, type Engine } from '../support/installation.js';
import { sendMcp } from '../support/mcp.js';
import { signIn, type SignedIn } from '../support/person.js';
import { processesWith } from '../support/processes.js';
import { useStack } from '../support/stack.js';

const stack = useStack();
const POSTGRES = inject('postgresUrl') !== null;
const ENGINES: readonly Engine[] = POSTGRES ? ['sqlite', 'postgres'] : ['sqlite'];
const RECOVERY = { timeout: 20_000, interval: 100 };

/** All that a person reads of a command that ended with exit code 3, without a stack trace and without serving anyone. */
async function refusal(command: Promise<CommandResult>): Promise<string> {
  const { code, stdout, stderr } = await command;
  expect(code).toBe(3);
  expect(stdout).not.toContain('system.ready');
  expect(stdout).not.toMatch(/^ {4}at /m);
  const { listen, adminListen } = stack().addresses;
  for (const address of [listen, adminListen]) {
    await expect(send(`http://${address}/readyz`)).rejects.toThrow('ECONNREFUSED');
  }
  return stderr.trimEnd();
}

/** Another time of day; intervals are as long as ever. */
function clockOff(by: string): string[] {
  return ['env', 'FAKETIME_DONT_FAKE_MONOTONIC=1', 'faketime', '-f', by];
}

describe.each(ENGINES)('a control plane on %s does not serve', (engine) => {
  beforeAll(() => stack().stopControlPlane());

  it('with another master key than the one that the database was written with', async () => {
    const installation = await Installation.used(stack(), engine);
    writeFileSync(join(installation.directory, 'master.key'), randomBytes(32).toString('base64'));
    const sentence =
      'masterKey: file:./master.key is not the key that this database was written with. Restore the right one from your backup; a new one cannot open what is stored.';
    expect(await refusal(installation.start())).toBe(sentence);
    expect(await refusal(installation.storeSecret())).toBe(sentence);
  });

  it('without its master key', async () => {
    const installation = await Installation.used(stack(), engine);
    rmSync(join(installation.directory, 'master.key'));
    const [fault] = (await refusal(installation.start())).split('\n');
    expect(fault).toMatch(
      /^mcp-sso\.yaml:\d+:\d+ masterKey: .*restore (it from your backup|master\.key, if there was one)/,
    );
  });

  it('on a database that a newer version has written', async () => {
    const installation = await Installation.used(stack(), engine);
    await installation.run("insert into kysely_migration (name, timestamp) values ('999-next-year', '2027')");
    const sentence =
      'The database was written by a newer version of mcp-sso (999-next-year). Run that version, or restore a backup from before the upgrade.';
    expect(await refusal(installation.start())).toBe(sentence);
    expect(await refusal(installation.storeSecret())).toBe(sentence);
  });

  it('on a database that lost a table', async () => {
    const installation = await Installation.used(stack(), engine);
    await installation.run('drop table dpop_proofs');
    expect(await refusal(installation.start())).toBe(
      'The database is damaged: the table dpop_proofs is missing. Restore the whole of it from a backup.',
    );
  });

  it('with a clock an hour behind', async () => {
    const installation = await Installation.used(stack(), engine);
    const other = engine === 'sqlite' ? 'the newest audit record' : 'the database';
    expect(await refusal(installation.start(clockOff('-1h')))).toBe(
      `The clock of this machine is 60 minutes behind ${other}. Set it right (NTP).`,
    );
  });

  it('with a clock an hour ahead', async () => {
    const installation = await Installation.used(stack(), engine);
    const other = engine === 'sqlite' ? 'the identity provider demo' : 'the database';
    expect(await refusal(installation.start(clockOff('+1h')))).toBe(
      `The clock of this machine is 60 minutes ahead of ${other}. Set it right (NTP).`,
    );
  });
});

it.each(ENGINES)('a kill -9 in the middle of a migration leaves nothing of it on %s', async (engine) => {
  const installation = await Installation.empty(stack(), engine);
  const location = engine === 'sqlite' ? join(installation.data, 'mcp-sso.db') : installation.database;
  const program = join(ROOT, 'test', 'support', 'migrate-and-wait.mjs');
  const child = spawn(process.execPath, [program, join(ROOT, 'dist'), location], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  await once(child.stdout, 'data', { signal: AbortSignal.timeout(20_000) });
  child.kill('SIGKILL');
  await ended;
  expect(await installation.storeSecret()).toMatchObject({ code: 0, stderr: '' });
  await expect(installation.run('select * from half_made')).rejects.toThrow(/half_made/);
});

describe('a control plane on a database that takes no writes does not serve', () => {
  beforeAll(() => stack().stopControlPlane());

  it('where the disk is read-only', async () => {
    const installation = await Installation.used(stack(), 'sqlite');
    const { data } = installation;
    expect(await refusal(installation.start(['bwrap', '--dev-bind', '/', '/', '--ro-bind', data, data]))).toBe(
      `The database ${data}/mcp-sso.db cannot be written: its disk is read-only. Make it writable, then start again.`,
    );
  });

  it.each([
    ['nothing is stored yet', []],
    ['something is stored', ['cp -r /mnt/. "$0"']],
  ])('where the disk is full and %s', async (_, first) => {
    const installation = await Installation.used(stack(), 'sqlite');
    const { data } = installation;
    const small = ['bwrap', '--dev-bind', '/', '/', '--bind', data, '/mnt', '--size', '2097152', '--tmpfs', data];
    const script = [...first, 'cat /dev/zero > "$0/fill" 2> /dev/null', 'exec "$@"'].join('; ');
    expect(await refusal(installation.start([...small, 'sh', '-c', script, data]))).toBe(
      `The database ${data}/mcp-sso.db cannot be written: its disk is full. Make room, then start again.`,
    );
  });

  it.skipIf(!POSTGRES)('where PostgreSQL is read-only', async () => {
    const installation = await Installation.used(stack(), 'postgres');
    const { host, pathname } = new URL(installation.database);
    await installation.run(`alter database ${pathname.slice(1)} set default_transaction_read_only = on`);
    expect(await refusal(installation.start())).toBe(
      `The database postgres://${host}${pathname} cannot be written: the server takes no writes. Name the primary server, or switch its default_transaction_read_only off.`,
    );
  });
});

describe('a disk that becomes full while the control plane runs', () => {
  let alice: SignedIn;
  let fill: string;

  /** Its data folder is a small file system of its own, which others reach through /proc. */
  beforeAll(async () => {
    const data = join(stack().config, 'data');
    const small = ['bwrap', '--die-with-parent', '--dev-bind', '/', '/', '--size', '4194304', '--tmpfs', data];
    await stack().startControlPlane(small);
    const pid = processesWith(stack().config).find(
      (one) => !readFileSync(`/proc/${one}/comm`, 'utf8').startsWith('bwrap'),
    );
    fill = join(`/proc/${pid}/root`, data, 'fill');
    alice = await signIn(stack(), 'alice');
  });

  async function call() {
    const mcp = `${stack().addresses.publicUrl}/mcp`;
    const params = { name: 'everything__echo', arguments: { message: 'hello' } };
    return sendMcp(mcp, await credentials(alice, 'POST', mcp), 'tools/call', params);
  }

  it('denies calls, says that it is not ready, and recovers by itself', async () => {
    const readyz = `${stack().addresses.publicUrl}/readyz`;
    expect((await call()).text).toContain('Echo: hello');
    fillUp(fill);
    const refused = await call();
    expect(refused.text).toContain('The audit log cannot be written, so the call was refused.');
    expect(refused.text).not.toContain('Echo: hello');
    await vi.waitFor(async () => expect((await send(readyz)).status).toBe(503), RECOVERY);
    rmSync(fill);
    await vi.waitFor(async () => expect((await send(readyz)).status).toBe(200), RECOVERY);
    expect((await call()).text).toContain('Echo: hello');
  });
});
