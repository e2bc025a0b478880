import { expect, test } from 'vitest';
import type { CommandContext } from './context.js';
import { runProgram } from './program.js';

async function helpOf(words: readonly string[]): Promise<string> {
  let out = '';
  const context = {
    stdout: (text: string) => void (out += text),
    stderr: () => undefined,
  } as unknown as CommandContext;
  await runProgram([...words, '--help'], () => context);
  return out;
}

/** Words that lead to each command, and to each group of commands. */
async function commandsBelow(words: readonly string[]): Promise<string[][]> {
  const [, listed = ''] = /^Commands:\n((?: .*\n)*)/m.exec(await helpOf(words)) ?? [];
  const names = [...listed.matchAll(/^ {2}(\S+)/gm)].map(([, name = '']) => name).filter((name) => name !== 'help');
  const below = await Promise.all(names.map((name) => commandsBelow([...words, name])));
  return [[...words], ...below.flat()];
}

test('the help of every command ends with an example of it', async () => {
  const commands = await commandsBelow([]);
  expect(commands).toContainEqual(['grants', 'break-glass']);
  expect(commands).toContainEqual(['policy', 'shadow', 'start']);
  for (const words of commands) {
    const [, example] = /\nExample:\n((?: {2}mcp-sso .*\n)+)$/.exec(await helpOf(words)) ?? [];
    expect(example ?? '', `mcp-sso ${words.join(' ')}`).toContain(['mcp-sso', ...words.slice(0, 1)].join(' '));
  }
});

test('every command that does something has --json, --url and --no-browser', async () => {
  const commands = await commandsBelow([]);
  for (const words of commands) {
    const help = await helpOf(words);
    if (/^Commands:$/m.test(help)) continue;
    for (const option of ['--json', '--url <url>', '--no-browser']) {
      expect(help, `mcp-sso ${words.join(' ')}`).toMatch(new RegExp(`^  ${option} `, 'm'));
    }
  }
});

test.each([
  [['grants', 'lst'], "There is no command or argument for 'lst' here. Add --help to see an example."],
  [['approvals', 'lst'], "There is no command or argument for 'lst' here. Add --help to see an example."],
  [['policy', 'chekc'], "Unknown command 'chekc'. Add --help to see an example."],
])('%j is wrong use, said in one sentence', async (words, message) => {
  const context = { stdout: () => undefined, stderr: () => undefined } as unknown as CommandContext;
  await expect(runProgram(words, () => context)).rejects.toMatchObject({ code: 'usage', message });
});
