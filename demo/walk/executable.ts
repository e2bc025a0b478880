import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../stack/root.js';

/** The built `mcp-sso` for this computer, as `npm run package` leaves it. */
export function builtExecutable(): string {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const os = ({ win32: 'windows', darwin: 'macos' } as Partial<Record<NodeJS.Platform, string>>)[process.platform];
  const file = join(ROOT, 'dist', `mcp-sso-${version}-${os ?? process.platform}-${process.arch}${suffix}`);
  if (!existsSync(file)) throw new Error(`${file} does not exist. Run npm run package.`);
  return file;
}
