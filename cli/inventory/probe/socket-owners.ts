import { readdir, readlink } from 'node:fs/promises';
import { basename } from 'node:path';

/** A process that holds a socket. */
export interface Holder {
  readonly pid: number;
  /** File name of its program. Its arguments are left alone, as they may hold secrets. */
  readonly process: string;
}

/**
 * Who holds each of these sockets, by inode. Of processes of other accounts only root sees it; what cannot be seen is left
 * out. A socket may have several holders; the first process is who opened it.
 */
export async function socketHolders(inodes: ReadonlySet<string>): Promise<ReadonlyMap<string, Holder>> {
  const names = await readdir('/proc').catch(() => []);
  const pids = names.filter((name) => /^\d+$/.test(name)).toSorted((one, other) => Number(one) - Number(other));
  const holders = new Map<string, Holder>();
  for (const pid of pids) {
    const held = await socketsOf(pid);
    const wanted = held.filter((inode) => inodes.has(inode) && !holders.has(inode));
    if (wanted.length === 0) continue;
    const process = await programOf(pid);
    for (const inode of wanted) holders.set(inode, { pid: Number(pid), process });
  }
  return holders;
}

async function socketsOf(pid: string): Promise<string[]> {
  const folder = `/proc/${pid}/fd`;
  const files = await readdir(folder).catch(() => []);
  const links = await Promise.all(files.map((file) => readlink(`${folder}/${file}`).catch(() => '')));
  return links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []);
}

async function programOf(pid: string): Promise<string> {
  const file = await readlink(`/proc/${pid}/exe`).catch(() => '');
  return basename(file.replace(/ \(deleted\)$/, '')) || 'unknown';
}
