import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Laptop } from '../../../demo/walk/laptop.js';

const RECORD = 'tee "$1/stdin" | "${@:2}" 2> >(tee "$1/stderr" >&2) | tee "$1/stdout"';

/** A laptop that keeps every byte of the stdin, stdout and stderr of one bridge. */
export class RecordedLaptop extends Laptop {
  override commandLine(words: readonly string[]): { command: string; args: string[] } {
    const { command, args } = super.commandLine(words);
    return { command: '/bin/bash', args: ['-c', RECORD, 'record', this.elsewhere, command, ...args] };
  }

  recorded(name: 'stdin' | 'stdout' | 'stderr'): Buffer {
    const file = join(this.elsewhere, name);
    return existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
  }
}
