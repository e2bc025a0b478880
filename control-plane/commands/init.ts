import { randomBytes } from 'node:crypto';
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CodedError } from '#shared/errors.js';
import { SETTINGS_FILE } from '../config/read-directory.js';
import { STARTER_IGNORE, STARTER_POLICY, STARTER_SETTINGS } from './starter-files.js';
import { print, type Terminal } from './terminal.js';

const KEY_FILE = 'master.key';

interface StarterFile {
  readonly path: string;
  readonly text: string;
  readonly mode: number;
}

/** `init`: a commented starter directory with a fresh master key. Writes only what is absent, and never a second key. */
export async function init(directory: string, terminal: Terminal): Promise<number> {
  const files = await missingFiles(directory);
  await mkdir(join(directory, 'policies'), { recursive: true });
  for (const file of files) await writeNew(directory, file);
  print(terminal.output, ...files.map((file) => `wrote ${join(directory, file.path)}`));
  print(
    terminal.output,
    '',
    `Keep a copy of ${KEY_FILE} in a safe place: without it, what is stored cannot be opened.`,
  );
  print(terminal.output, `Next: fill in ${SETTINGS_FILE}, then run: mcp-sso-control-plane check --config ${directory}`);
  return 0;
}

async function missingFiles(directory: string): Promise<StarterFile[]> {
  const [settings, key, data] = await Promise.all(
    [SETTINGS_FILE, KEY_FILE, 'data'].map((path) => exists(join(directory, path))),
  );
  if (settings && key) {
    throw new CodedError('config_invalid', {
      message: `${directory} is set up already; nothing was changed. Next: mcp-sso-control-plane check --config ${directory}`,
    });
  }
  if (!key && data) {
    throw new CodedError('config_invalid', {
      message: `${join(directory, 'data')} was sealed under a master key that is missing. Restore ${KEY_FILE} from your backup; a new key could not open it.`,
    });
  }
  const keyFile = { path: KEY_FILE, text: `${randomBytes(32).toString('base64')}\n`, mode: 0o600 };
  if (settings) return [keyFile];
  const hasPolicies = (await readdir(join(directory, 'policies')).catch(() => [])).length > 0;
  const candidates = [
    { path: SETTINGS_FILE, text: STARTER_SETTINGS, mode: 0o644 },
    ...(hasPolicies ? [] : [{ path: 'policies/example.cedar', text: STARTER_POLICY, mode: 0o644 }]),
    { path: '.gitignore', text: STARTER_IGNORE, mode: 0o644 },
    keyFile,
  ];
  const taken = await Promise.all(candidates.map(({ path }) => exists(join(directory, path))));
  return candidates.filter((_, index) => !taken[index]);
}

/** `wx`: a file that appeared in the meantime is not overwritten either. */
async function writeNew(directory: string, { path, text, mode }: StarterFile): Promise<void> {
  await mkdir(dirname(join(directory, path)), { recursive: true });
  await writeFile(join(directory, path), text, { flag: 'wx', mode });
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
