import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Laptop } from '../../demo/walk/laptop.js';

/** A laptop with a screen: whatever opens a browser hands the address to an `xdg-open` that writes it down. */
export class Desktop extends Laptop {
  readonly #programs: string;
  readonly #opened: string;
  readonly #display: string;

  constructor(person: string, folder: string) {
    super(person, folder);
    this.#programs = join(this.home, 'bin');
    this.#opened = join(this.home, 'opened');
    this.#display = join(this.home, 'wayland-0');
    mkdirSync(this.#programs);
    // In a container a browser opens only where a display leads into it.
    writeFileSync(this.#display, '');
    const opener = join(this.#programs, 'xdg-open');
    writeFileSync(opener, `#!/bin/sh\nprintf '%s\\n' "$1" >> '${this.#opened}'\n`);
    chmodSync(opener, 0o755);
  }

  override commandLine(args: readonly string[]): { command: string; args: string[] } {
    const [clear, home, ...program] = super.commandLine(args).args as [string, string, ...string[]];
    const screen = [`WAYLAND_DISPLAY=${this.#display}`, `PATH=${this.#programs}:/usr/bin:/bin`];
    return { command: '/usr/bin/env', args: [clear, home, ...screen, ...program] };
  }

  /** The addresses that were opened, in order. */
  get opened(): string[] {
    if (!existsSync(this.#opened)) return [];
    return readFileSync(this.#opened, 'utf8').split('\n').filter(Boolean);
  }

  get state(): string {
    return join(this.home, '.local', 'state', 'mcp-sso');
  }
}
