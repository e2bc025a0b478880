import { mkdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PATHS, SCOPES } from '#shared/api/paths.js';
import { starterKitSchema } from '#shared/api/policies.js';
import { AdminApi } from '../../sign-in/admin-api.js';
import { fileFault } from '../../system/file-fault.js';
import { printable } from '../../system/printable.js';
import { readAnswer, type CallApi } from '../api-answer.js';
import { jsonLine, newCommand, type CommonOptions, type Mount } from '../command.js';
import type { CommandContext } from '../context.js';

interface InitOptions extends CommonOptions {
  readonly out: string;
}

export function addPolicyInit({ program, run }: Mount): void {
  program.addCommand(
    newCommand(
      'init',
      'Write policies for common cases with their tests, for the servers that there are',
      'mcp-sso policy init --out ./mcp-sso',
    )
      .option('--out <dir>', 'the directory that holds policies/', './mcp-sso')
      .action((options: InitOptions) =>
        run(options, (context) => {
          const api = new AdminApi(context, [SCOPES.policiesRead]);
          return initPolicies(context, options, (...request) => api.request(...request));
        }),
      ),
  );
}

/** Writes what is absent and never overwrites. Throws `config_invalid` where a file cannot be written. */
export async function initPolicies(context: CommandContext, { out }: InitOptions, call: CallApi): Promise<number> {
  const { files, leftOut } = readAnswer(starterKitSchema, await call('GET', `${PATHS.policies}/starter-kit`));
  const written: string[] = [];
  const kept: string[] = [];
  for (const { file, text } of files) ((await writeNew(join(out, file), text)) ? written : kept).push(join(out, file));
  if (context.json) {
    context.stdout(jsonLine({ written, kept, leftOut }));
    return 0;
  }
  const lines = [
    ...written.map((path) => `wrote ${path}`),
    ...kept.map((path) => `kept ${path}, which was there`),
    ...leftOut.map(({ name, why }) => printable(`left out ${name}: ${why}`)),
    '',
    `Put your own groups in place of those in the files, then run: mcp-sso policy check ${out}`,
  ];
  context.stdout(`${lines.join('\n')}\n`);
  return 0;
}

/** False where there is such a file, also one that has appeared meanwhile. */
async function writeNew(path: string, text: string): Promise<boolean> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text, { flag: 'wx', mode: 0o644 });
    return true;
  } catch (error) {
    if (
      await stat(path).then(
        () => true,
        () => false,
      )
    )
      return false;
    throw fileFault('config_invalid', path, 'written', error);
  }
}
