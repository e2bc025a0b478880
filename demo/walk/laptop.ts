import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { within } from '../stack/child.js';
import type { CommandResult } from '../stack/command.js';
import { Browser } from './browser.js';
import { builtExecutable } from './executable.js';
import { placeIn, signInAs, type SignInPlace } from './sign-in.js';

const TIMEOUT_MS = 60_000;

/** One person's computer: a home of their own, a browser, and the built `mcp-sso` with nothing in its environment but HOME. */
export class Laptop {
  readonly person: string;
  readonly home: string;
  /** A working directory that has nothing to do with the product. */
  readonly elsewhere: string;
  readonly executable = builtExecutable();
  readonly browser = new Browser();

  constructor(person: string, folder: string) {
    this.person = person;
    this.home = join(folder, 'home', person);
    mkdirSync(this.home, { recursive: true, mode: 0o700 });
    this.elsewhere = mkdtempSync(join(folder, `elsewhere-${person}-`));
  }

  /** Command and arguments that run `mcp-sso` in an environment of HOME only. */
  commandLine(args: readonly string[]): { command: string; args: string[] } {
    return { command: '/usr/bin/env', args: ['-i', `HOME=${this.home}`, this.executable, ...args] };
  }

  /** Runs `mcp-sso`, and signs in with the browser where it prints an address for that. */
  async run(...words: string[]): Promise<CommandResult> {
    const { command, args } = this.commandLine(words);
    const child = spawn(command, args, { cwd: this.elsewhere, stdio: ['ignore', 'pipe', 'pipe'] });
    const kill = (): void => void child.kill('SIGKILL');
    process.once('exit', kill);
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    const lines: string[] = [];
    const signIns: Promise<void>[] = [];
    createInterface({ input: child.stderr }).on('line', (line) => {
      lines.push(line);
      const place = placeIn(line);
      if (place !== undefined) signIns.push(this.signIn(place));
    });
    const { promise: closed, resolve } = Promise.withResolvers<number>();
    child.once('close', (code) => resolve(code ?? -1));
    child.once('error', () => resolve(-1));
    try {
      const code = await within(closed, TIMEOUT_MS, `mcp-sso ${words[0]} of ${this.person} did not end`);
      await Promise.all(signIns);
      return { code, stdout, stderr: lines.join('\n') };
    } finally {
      process.off('exit', kill);
      kill();
    }
  }

  /** What `mcp-sso` prints; rejects with all that it said where it fails. */
  async ask(...words: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(...words);
    if (code === 0) return stdout;
    throw new Error(`mcp-sso ${words.join(' ')} of ${this.person} ended with ${code}:\n${stdout}${stderr}`);
  }

  /** Signs in with `mcp-sso login`, through an address or by a code; rejects with what it said where it fails. */
  async login(publicUrl: string, way: '--no-browser' | '--device' = '--no-browser'): Promise<void> {
    const { code, stderr } = await this.run('login', '--url', publicUrl, way, '--credential-store', 'file');
    if (code !== 0) throw new Error(`mcp-sso login of ${this.person} ended with ${code}:\n${stderr}`);
  }

  /** Follows a sign-in to its end; rejects where no page says that it succeeded. */
  async signIn(place: SignInPlace): Promise<void> {
    const page = await signInAs(this.browser, place, this.person);
    if (page.status === 200) return;
    throw new Error(`The sign-in of ${this.person} ended at ${page.url.pathname} with ${page.status}: ${page.text}`);
  }
}
