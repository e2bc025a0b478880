import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PATHS, SCOPES } from '#shared/api/paths.js';
import { gridFileSchema, policyGridSchema } from '#shared/api/policies.js';
import { AdminApi } from '../../sign-in/admin-api.js';
import { fileFault } from '../../system/file-fault.js';
import { printable } from '../../system/printable.js';
import { readAnswer, type CallApi } from '../api-answer.js';
import { jsonLine, newCommand, type CommonOptions, type Mount } from '../command.js';
import type { CommandContext } from '../context.js';
import { listPolicyTexts } from './policy-texts.js';

interface GridOptions extends CommonOptions {
  readonly apply?: string;
  readonly out: string;
}

export function addPolicyGrid({ program, run }: Mount): void {
  program.addCommand(
    newCommand(
      'grid',
      'Print the policies in force as a grid of groups and servers, or write a grid as policies',
      'mcp-sso policy grid > grid.yaml\n  mcp-sso policy grid --apply grid.yaml --out ./mcp-sso',
    )
      .option('--apply <file>', 'write this grid to policies/grid.cedar')
      .option('--out <dir>', 'the directory that holds policies/', './mcp-sso')
      .action((options: GridOptions) =>
        run(options, (context) => {
          const api = new AdminApi(context, [SCOPES.policiesRead]);
          const call: CallApi = (...request) => api.request(...request);
          return options.apply === undefined
            ? printGrid(context, call)
            : applyGrid(context, options.apply, options, call);
        }),
      ),
  );
}

export async function printGrid(context: CommandContext, call: CallApi): Promise<number> {
  const grid = readAnswer(policyGridSchema, await call('GET', `${PATHS.policies}/grid`));
  context.stdout(context.json ? jsonLine({ grid: grid.grid, custom: grid.custom }) : printableLines(grid.yaml));
  return 0;
}

/** Rewrites `policies/grid.cedar`; what a grid cannot express stays in it. Throws `catalog_refused` with the faults of the grid. */
export async function applyGrid(
  context: CommandContext,
  grid: string,
  { out }: Pick<GridOptions, 'out'>,
  call: CallApi,
): Promise<number> {
  const content = { yaml: await read(grid), policies: await listPolicyTexts(out) };
  const { file, text, kept } = readAnswer(gridFileSchema, await call('POST', `${PATHS.policies}/grid`, content));
  const path = join(out, file);
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  } catch (error) {
    throw fileFault('config_invalid', path, 'written', error);
  }
  const notes = kept.map((id) => printable(`kept ${id}, which a grid cannot express`));
  const lines = [`wrote ${path}`, ...notes, `Next: mcp-sso policy check ${out}`];
  context.stdout(context.json ? jsonLine({ written: path, kept }) : `${lines.join('\n')}\n`);
  return 0;
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw fileFault('config_invalid', path, 'read', error);
  }
}

function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}
