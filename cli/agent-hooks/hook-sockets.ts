import { chmodSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Bytes of a socket's path that every system takes (`sun_path` of macOS, less its end). */
const MAX_PATH = 103;
/** Bridges of one person that a hook tells. */
const MAX_SOCKETS = 64;

/** Where one bridge listens for hooks. */
export interface HookSocket {
  /** For `net`: a path, or the name of a pipe. */
  readonly address: string;
  /** By which hooks find it: the socket itself, or on Windows an empty file. */
  readonly entry: string;
}

/** `id`: random hexadecimal digits. Undefined where the folder's path is too long for a socket. */
export function hookSocket(stateFolder: string, id: string, platform: NodeJS.Platform): HookSocket | undefined {
  const folder = folderOf(stateFolder);
  if (platform === 'win32') return { address: pipeOf(id), entry: join(folder, `${id}.pipe`) };
  const address = join(folder, `${id.slice(0, 8)}.sock`);
  return Buffer.byteLength(address) > MAX_PATH ? undefined : { address, entry: address };
}

/** Makes the folder, for its owner alone. Throws where somebody else has made it. */
export function prepareFolder(stateFolder: string): void {
  const folder = folderOf(stateFolder);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  requireOwn(folder);
}

/** Closes the socket to others, and makes the pipe known to hooks. */
export function publish({ address, entry }: HookSocket): void {
  if (address === entry) chmodSync(entry, 0o600);
  else writeFileSync(entry, '', { mode: 0o600 });
}

export function withdraw({ entry }: HookSocket): void {
  rmSync(entry, { force: true });
}

/** The bridges that listen, and some that no longer do. Throws where the folder is not the person's own. */
export function listedSockets(stateFolder: string): HookSocket[] {
  const folder = folderOf(stateFolder);
  requireOwn(folder);
  return readdirSync(folder)
    .flatMap((name): HookSocket[] => {
      const entry = join(folder, name);
      if (name.endsWith('.sock')) return [{ address: entry, entry }];
      return name.endsWith('.pipe') ? [{ address: pipeOf(name.slice(0, -'.pipe'.length)), entry }] : [];
    })
    .slice(0, MAX_SOCKETS);
}

function folderOf(stateFolder: string): string {
  return join(stateFolder, 'hooks');
}

function pipeOf(id: string): string {
  return String.raw`\\.\pipe\mcp-sso-${id}`;
}

/** Whoever else could put a socket there would hear of the person's agents. */
function requireOwn(folder: string): void {
  const { uid, mode } = statSync(folder);
  if (process.getuid === undefined) return;
  if (uid !== process.getuid() || (mode & 0o022) !== 0) throw new Error(`${folder} belongs to somebody else`);
}
