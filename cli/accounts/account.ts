/** An account of a person on this machine. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /** Absolute. */
  readonly home: string;
}

/** What the account database says of one account, whoever's it is. */
export interface AccountRow extends Account {
  readonly shell: string;
}

/** `nobody`, which owns nothing and nobody is. */
const NOBODY = 65_534;
/** Shells by which no one logs in (shadow-utils, Debian's base-passwd, macOS). */
const NO_LOGIN = new Set(['nologin', 'false', 'sync', 'halt', 'shutdown']);

/** Those of the rows that people log in with, each id once. */
export function accountsOfPeople(rows: readonly AccountRow[], lowestUid: number): Account[] {
  const people = rows.filter(
    ({ uid, shell, home }) =>
      uid >= lowestUid && uid < 2 ** 32 - 1 && uid !== NOBODY && home.startsWith('/') && isLoginShell(shell),
  );
  const first = new Map(people.toReversed().map(({ name, uid, gid, home }) => [uid, { name, uid, gid, home }]));
  return [...first.values()].toSorted((one, other) => one.uid - other.uid);
}

/** No shell at all means /bin/sh (passwd(5)). */
function isLoginShell(shell: string): boolean {
  return !NO_LOGIN.has(shell.split('/').at(-1) ?? '');
}
