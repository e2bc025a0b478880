import { lstat, mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CodedError } from '#shared/errors.js';
import { kitFiles } from '../../packaging/mdm/kit-files.js';
import type { Kit, KitFile } from '../../packaging/mdm/kit.js';
import { version } from '../../system/executable.js';
import { fileFault } from '../../system/file-fault.js';
import { controlPlaneOrigin } from '../../system/origin.js';
import { isStoreKind } from '../../system/settings-file.js';
import { jsonLine, newCommand, type CommonOptions, type Mount } from '../command.js';
import type { CommandContext } from '../context.js';

interface MdmOptions extends CommonOptions {
  readonly out: string;
  readonly organization: string;
  readonly overridable?: boolean;
}

export function addMdm({ program, run }: Mount): void {
  program.addCommand(
    newCommand(
      'mdm',
      'Write what Jamf, Kandji, Intune and Linux packages need to give mcp-sso to a company’s computers',
      'mcp-sso admin mdm --out ./mdm --url https://mcp.example.com',
    )
      .requiredOption('--out <dir>', 'a new folder, or an empty one')
      .option('--organization <name>', 'who gives it out, as profiles show it', 'mcp-sso')
      .option('--overridable', 'let people name another control plane with --url or MCP_SSO_URL')
      .action((options: MdmOptions) => run(options, (context) => writeKit(context, options))),
  );
}

/** Needs no control plane and no sign-in. Throws CodedError usage | config_invalid. */
export async function writeKit(context: CommandContext, options: MdmOptions): Promise<number> {
  const files = kitFiles(kitOf(context, options));
  await requireEmpty(options.out);
  for (const file of files) await writeKitFile(options.out, file);
  const paths = files.map(({ path }) => join(options.out, path));
  context.stdout(
    context.json
      ? jsonLine({ written: paths })
      : `${paths.map((path) => `wrote ${path}`).join('\n')}\n\nWhat goes where: ${join(options.out, 'README.md')}\n`,
  );
  return 0;
}

function kitOf(context: CommandContext, { organization, overridable = false }: MdmOptions): Kit {
  const { url, credentialStore } = context;
  if (url === undefined) throw wrong('Name the control plane: --url https://mcp.example.com');
  if (credentialStore !== undefined && !isStoreKind(credentialStore)) {
    throw wrong('--credential-store must be keychain, file or memory.');
  }
  return {
    origin: controlPlaneOrigin(url, 'set by --url'),
    organization,
    overridable,
    version: version(),
    ...(credentialStore === undefined ? {} : { credentialStore }),
  };
}

/** Files of an earlier kit, or somebody’s links, would be given out with the new ones. */
async function requireEmpty(folder: string): Promise<void> {
  const state = await lstat(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw fileFault('config_invalid', folder, 'read', error);
  });
  if (state === undefined) return;
  const names = state.isDirectory() ? await readdir(folder) : ['it'];
  if (names.length > 0) throw wrong(`${folder} is there and is not an empty folder. Name another one with --out.`);
}

async function writeKitFile(folder: string, { path, content, executable }: KitFile): Promise<void> {
  const file = join(folder, path);
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content, { flag: 'wx', mode: executable ? 0o755 : 0o644 });
  } catch (error) {
    throw fileFault('config_invalid', file, 'written', error);
  }
}

function wrong(message: string): CodedError {
  return new CodedError('usage', { message });
}
