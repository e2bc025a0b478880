import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtExecutable } from '../../demo/walk/executable.js';
import { Laptop } from '../../demo/walk/laptop.js';
import { signInAs } from '../../demo/walk/sign-in.js';
import { useStack } from '../support/stack.js';
import { readable, Terminal } from '../support/terminal.js';

const stack = useStack();
const UTF8 = { LANG: 'C.UTF-8' };
const COLOR = '\u001b[3';
const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'terminal-home-'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** `doctor` of somebody who has nothing, where nobody answers. */
function doctor(env: Record<string, string>, { columns = 80, words = [] as string[] } = {}): Terminal {
  const args = ['doctor', '--url', 'http://127.0.0.1:9', ...words];
  return new Terminal(builtExecutable(), args, { env: { HOME: home, ...env }, columns });
}

async function outputOf(terminal: Terminal): Promise<{ code: number; output: string }> {
  using running = terminal;
  return { code: await running.ended(), output: running.output };
}

/** Lines that are there to be read: not those of the terminal's moving line. */
function linesOf(output: string): string[] {
  return readable(output).split('\n');
}

describe('a person at a terminal', () => {
  it('sees doctor in colour, with a line that moves, and has the cursor back', async () => {
    const { code, output } = await outputOf(doctor(UTF8));
    expect(code).toBe(5);
    expect(output).toContain(`${COLOR}1m✗`);
    expect(output).toContain('Looking …');
    expect(output.lastIndexOf(SHOW_CURSOR)).toBeGreaterThan(output.lastIndexOf(HIDE_CURSOR));
    expect(linesOf(output).some((line) => /^✗ Connection {9}Nothing answers at 127\.0\.0\.1:9\.$/.test(line))).toBe(
      true,
    );
  });

  it('sees no colour where NO_COLOR is set', async () => {
    const { output } = await outputOf(doctor({ ...UTF8, NO_COLOR: '1' }));
    expect(output).toContain('✗');
    expect(output).not.toContain(COLOR);
  });

  it('sees ASCII alone where the locale is C', async () => {
    const { output } = await outputOf(doctor({ LANG: 'C' }));
    expect(readable(output)).toContain('x Connection');
    expect(readable(output)).toMatch(/^[\n -~]*$/);
  });

  it('reads whole lines in a terminal of 40 columns', async () => {
    const { output } = await outputOf(doctor(UTF8, { columns: 40 }));
    expect(linesOf(output).filter((line) => line.length > 40)).toEqual([]);
    expect(readable(output)).toContain('✗ Connection');
  });

  it('gets plain text in a terminal that cannot be drawn on', async () => {
    const { output } = await outputOf(doctor({ ...UTF8, TERM: 'dumb' }));
    expect(output).not.toContain('\u001b');
    expect(output).toContain('FAILED   Connection         Nothing answers at 127.0.0.1:9.');
  });

  it('gets one JSON document with --json', async () => {
    const { output } = await outputOf(doctor(UTF8, { words: ['--json'] }));
    expect(JSON.parse(output)).toMatchObject({ exit: 5, findings: expect.any(Array) });
  });
});

function login(laptop: Laptop, ...words: string[]): Terminal {
  const { publicUrl } = stack().addresses;
  const args = ['login', '--url', publicUrl, '--credential-store', 'file', ...words];
  return new Terminal(laptop.executable, args, { env: { HOME: laptop.home, ...UTF8 } });
}

describe('mcp-sso login at a terminal', () => {
  it('shows the code in a box, the whole address, and then who is signed in; status and servers show the rest', async () => {
    const laptop = new Laptop('alice', stack().folder);
    const { publicUrl } = stack().addresses;
    using terminal = login(laptop, '--device');
    const [, code = ''] = await terminal.shows(/│ [^│A-Z]*([A-Z0-9]+-[A-Z0-9-]+)[^│A-Z]* │/);
    await terminal.shows(/Waiting for you in the browser/);
    expect(linesOf(terminal.output)).toContain(`${publicUrl}/oauth/device`);
    await signInAs(laptop.browser, { url: new URL(`${publicUrl}/oauth/device`), code }, 'alice');
    expect(await terminal.ended()).toBe(0);
    expect(readable(terminal.output)).toContain('✓ Signed in as Alice');
    const run = async (verb: string): Promise<string> => {
      const drawn = new Terminal(laptop.executable, [verb], { env: { HOME: laptop.home, ...UTF8 } });
      return readable((await outputOf(drawn)).output);
    };
    expect(await run('status')).toContain('Session        ✓ alive, the control plane just confirmed it');
    expect(await run('servers')).toMatch(/✓ crm +\S/);
  });

  it('ends with 130 by Ctrl-C, with the cursor as it was', async () => {
    using terminal = login(new Laptop('bob', stack().folder), '--no-browser');
    await terminal.shows(/Waiting for you in the browser/);
    terminal.type('\u0003');
    expect(await terminal.ended()).toBe(130);
    expect(terminal.output).toContain(HIDE_CURSOR);
    expect(terminal.output.lastIndexOf(SHOW_CURSOR)).toBeGreaterThan(terminal.output.lastIndexOf(HIDE_CURSOR));
  });
});
