import { readdir, readlink } from 'node:fs/promises';
import { readLimitedFile } from '../documents/limited-file.js';

/** A process that holds a socket. */
export interface Holder {
  readonly pid: number;
  /** As the kernel names it, at most 15 characters. */
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
    const { text = '' } = await readLimitedFile(`/proc/${pid}/comm`, undefined);
    for (const inode of wanted) holders.set(inode, { pid: Number(pid), process: text.trim() });
  }
  return holders;
}

async function socketsOf(pid: string): Promise<string[]> {
  const folder = `/proc/${pid}/fd`;
  const files = await readdir(folder).catch(() => []);
  const links = await Promise.all(files.map((file) => readlink(`${folder}/${file}`).catch(() => '')));
  return links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []);
}
