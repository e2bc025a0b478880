import { readLimitedFile } from '../documents/limited-file.js';

/** File systems whose answer depends on another machine or another program, and may never come. */
const FOREIGN = /^(?:fuse|nfs|cifs|smb|autofs|9p|afs|ceph|gluster|davfs|lustre|drvfs|beegfs)/;

/** Folders at which such file systems are mounted. They are told by the kernel's list, since even a look at them may hang. */
export async function foreignMounts(): Promise<ReadonlySet<string>> {
  if (process.platform !== 'linux') return new Set();
  const { text = '' } = await readLimitedFile('/proc/self/mountinfo', undefined);
  return new Set(
    text.split('\n').flatMap((line) => {
      const [before = '', after = ''] = line.split(' - ', 2);
      const folder = before.split(' ')[4];
      return folder !== undefined && FOREIGN.test(after) ? [unescape(folder)] : [];
    }),
  );
}

/** The kernel writes spaces and the like in octal (proc(5)). */
function unescape(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_all, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
