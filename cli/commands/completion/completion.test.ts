import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isProgramMissing } from '../../../test/support/program-missing.js';
import { bundle } from '../../bridge/testing/executable.js';

let home: string;
/** Name on PATH → the program as it is bundled. */
let program: string;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'completion-'));
  const bundled = await bundle("import '../main.js';");
  program = join(home, 'mcp-sso');
  writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${bundled}' "$@"\n`);
  chmodSync(program, 0o755);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

function run(command: string, args: readonly string[]): string {
  const env = { HOME: home, PATH: `${home}:/usr/bin:/bin`, TERM: 'dumb' };
  const { stdout, stderr, status } = spawnSync(command, args, { encoding: 'utf8', env, timeout: 20_000, input: '' });
  if (status !== 0) throw new Error(`${command} ended with ${status}: ${stderr}`);
  return stdout;
}

test.each([
  [['stat'], ['status']],
  [
    ['completion', ''],
    ['bash', 'zsh', 'fish', 'powershell'],
  ],
  [['policy', 'ex'], ['explain']],
  [['login', '--no-b'], ['--no-browser']],
  [
    ['login', '--break-glass', ''],
    ['admin', 'mcp'],
  ],
  [['login', '--url', ''], []],
  [['complete'], []],
])('%j becomes %j', (words, expected) => {
  expect(
    run(program, ['complete-words', '--', ...words])
      .split('\n')
      .filter(Boolean),
  ).toEqual(expected);
});

const BASH = `source <(mcp-sso completion bash)
COMP_WORDS=(mcp-sso policy ex); COMP_CWORD=2
_mcp_sso
printf '%s\\n' "\${COMPREPLY[@]}"; complete -p mcp-sso`;

test.skipIf(isProgramMissing('bash'))('bash completes', () => {
  expect(run('bash', ['--norc', '-c', BASH])).toBe('explain\ncomplete -o default -F _mcp_sso mcp-sso\n');
});

const FISH = "mcp-sso completion fish | source; complete -C 'mcp-sso policy ex'";

test.skipIf(isProgramMissing('fish'))('fish completes (needs fish: apt-get install -y fish)', () => {
  expect(run('fish', ['--no-config', '-c', FISH])).toBe('explain\n');
});

/** A whole zsh in a terminal of its own: its completion works in its line editor only. */
const ZSH = `zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z 'PS1= ; autoload -Uz compinit; compinit -u -D; source <(mcp-sso completion zsh); echo rea''dy'
zpty -r -m z answer '*ready*'
zpty -w -n z $'mcp-sso completion pow\\t'
zpty -r -m z answer '*completion powershell*' && print -r -- found
zpty -d z`;

test.skipIf(isProgramMissing('zsh'))('zsh completes (needs zsh: apt-get install -y zsh)', () => {
  expect(run('zsh', ['-f', '-c', ZSH])).toContain('found\n');
});
