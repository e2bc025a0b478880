import type { AccountRow } from './account.js';

/** What of each account `dscl . -readall /Users` is asked for (macOS, dscl(1)). */
export const DIRECTORY_KEYS = ['RecordName', 'UniqueID', 'PrimaryGroupID', 'NFSHomeDirectory', 'UserShell'] as const;

/** Records as dscl prints them: `Key: value` lines, or the value on a line of its own where it has spaces; `-` between records. */
export function parseDirectory(text: string): AccountRow[] {
  return text.split(/^-$/m).flatMap((record) => {
    const valueOf = (key: (typeof DIRECTORY_KEYS)[number]): string =>
      new RegExp(`^(?:dsAttrTypeNative:)?${key}:(?:\\n)? (.*)$`, 'm').exec(record)?.[1] ?? '';
    const [uid, gid] = [valueOf('UniqueID'), valueOf('PrimaryGroupID')];
    // Further names of a record are aliases.
    const name = valueOf('RecordName').split(' ')[0] ?? '';
    if (name === '' || ![uid, gid].every((id) => /^\d{1,10}$/.test(id))) return [];
    const home = valueOf('NFSHomeDirectory');
    return [{ name, uid: Number(uid), gid: Number(gid), home, shell: valueOf('UserShell') }];
  });
}
