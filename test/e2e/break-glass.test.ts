import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { Laptop } from '../../demo/walk/laptop.js';
import { codeIn, loginByBreakGlass, makeBreakGlassCode } from '../support/break-glass.js';
import { useStack } from '../support/stack.js';

const stack = useStack();
const eventually = { timeout: 15_000, interval: 100 };
let laptop: Laptop;

beforeAll(async () => {
  laptop = new Laptop('operator', stack().folder);
  await stack().stopIdp();
});

async function makeCode(): Promise<string> {
  const said = await makeBreakGlassCode(stack());
  expect(said).toContain(`Use it: mcp-sso login --break-glass --url ${stack().addresses.publicUrl}\n`);
  return codeIn(said);
}

const login = (code: string, ...area: string[]) => loginByBreakGlass(stack(), laptop, code, ...area);
const metrics = async () => (await fetch(`http://${stack().addresses.adminListen}/metrics`)).text();

describe('break-glass', () => {
  it('lets an operator administer while the identity provider is down, by a code that is good once', async () => {
    const code = await makeCode();
    expect(await login(code)).toMatchObject({ code: 0, stdout: expect.stringContaining('as Break-glass') as string });
    const { stdout, code: exit } = await laptop.run('admin', 'sessions', '--json');
    expect(exit).toBe(0);
    expect((JSON.parse(stdout) as { sessions: unknown[] }).sessions).toMatchObject([
      { person: { name: 'Break-glass' } },
    ]);
    expect(await login(code)).toMatchObject({ stderr: expect.stringContaining('is not good') as string });
  });

  it('opens no tool that no policy opens to it', async () => {
    expect(await login(await makeCode(), 'mcp')).toMatchObject({ code: 0 });
    const { code, stdout } = await laptop.run('tools', '--json');
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.not.stringContaining('list_customers') as string,
    });
  });

  it('is shown by status, which does not end it', async () => {
    for (const _ of ['first', 'second']) {
      const { code, stdout } = await laptop.run('status', '--json');
      expect({ code, status: JSON.parse(stdout) as unknown }).toMatchObject({
        code: 0,
        status: { session: 'live', account: { name: 'Break-glass' }, problem: null },
      });
    }
    expect(await laptop.run('tools', '--json')).toMatchObject({ code: 0 });
  });

  it('is an alarm: in the log, in the metrics and in the audit log', async () => {
    expect(await metrics()).toContain('mcp_sso_break_glass{state="session"} 2');
    const lines = readFileSync(stack().logFile('control-plane'), 'utf8').split('\n');
    expect(lines.filter((line) => line.includes('break-glass.signed-in'))).toHaveLength(2);
    const { stdout } = await laptop.run('audit', 'search', '--since', 'today');
    expect(stdout.match(/auth\.break-glass/g)).toHaveLength(4);
  });

  it('ends on the server when its operator signs out', async () => {
    expect(await laptop.run('logout')).toMatchObject({ code: 0, stderr: '' });
    await vi.waitFor(
      async () => expect(await metrics()).toContain('mcp_sso_break_glass{state="session"} 0'),
      eventually,
    );
    expect(await login(await makeCode(), 'mcp')).toMatchObject({ code: 0 });
    expect(await login(await makeCode())).toMatchObject({ code: 0 });
  });

  it('ends by one command on the host', async () => {
    expect(await stack().administer(['break-glass', '--end', '--config', stack().config])).toBe(
      'Discarded 0 codes and ended 2 sessions.\n',
    );
    await vi.waitFor(
      async () => expect(await metrics()).toContain('mcp_sso_break_glass{state="session"} 0'),
      eventually,
    );
    expect(await laptop.run('tools')).toMatchObject({ code: 4 });
  });
});
