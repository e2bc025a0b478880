import type { AccountRow } from './account.js';

/** Rows of passwd(5), as `getent passwd` prints them; lines that are no such row are left out. */
export function parsePasswd(text: string): AccountRow[] {
  return text.split('\n').flatMap((line) => {
    const fields = line.split(':');
    const [name = '', , uid = '', gid = '', , home = '', shell = ''] = fields;
    const numbers = [uid, gid].every((id) => /^\d{1,10}$/.test(id));
    return fields.length === 7 && name !== '' && numbers
      ? [{ name, uid: Number(uid), gid: Number(gid), home, shell }]
      : [];
  });
}

/** Where ids of people begin by login.defs(5); 1000 where it does not say. */
export function lowestUidIn(loginDefs: string): number {
  return Number(/^\s*UID_MIN\s+(\d{1,9})\s*$/m.exec(loginDefs)?.[1] ?? 1000);
}
