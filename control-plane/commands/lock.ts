import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ERRORS } from '#shared/errors.js';
import { LOCK_FILE } from '../config/policy-files.js';
import { checkDirectory } from './check-directory.js';
import { report } from './check.js';
import { print, type Terminal } from './terminal.js';

/** `lock`: writes what every configured server says of its tools now into `mcp-sso.lock.yaml`. */
export async function lock(directory: string, terminal: Terminal): Promise<number> {
  const { config, ...verdict } = await checkDirectory(directory, terminal.environment);
  if (!config) {
    print(terminal.errors, ...report(verdict, directory));
    return ERRORS.config_invalid.exit;
  }
  const { lockDefinitions } = await import('../lock-definitions.js');
  const { text, tools, failed } = await lockDefinitions(config);
  const path = join(config.directory, LOCK_FILE);
  await writeFile(path, text);
  print(
    terminal.output,
    `${path}: ${tools} definitions of tools. Read them before you commit the file: they are what is accepted.`,
  );
  print(
    terminal.errors,
    ...failed.map(({ server, code }) => `${server} gave no list (${code}); what the file said of it before stays.`),
  );
  return failed.length === 0 ? 0 : 1;
}
