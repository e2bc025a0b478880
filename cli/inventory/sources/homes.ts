import { lstat, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { userInfo } from 'node:os';
import { readLimitedFile } from '../documents/limited-file.js';

/** The home folder of one account of this machine. */
export interface Home {
  /** Absolute. */
  readonly folder: string;
  readonly account: string;
  /** Of the folder itself; undefined where the system has no such thing. */
  readonly uid: number | undefined;
  /** Whether the environment of this process speaks of it. */
  readonly own: boolean;
}

/** Folders below which each account has one. `/etc/passwd` does not name the accounts of a directory service. */
const ABOVE: Partial<Record<NodeJS.Platform, string>> = { linux: '/home', darwin: '/Users', win32: 'C:\\Users' };

const LIMIT = 2000;

/** The homes to look at: those that were named; otherwise one's own, and with root every account's. */
export async function homesToLookAt(named: readonly string[], ownFolder: string): Promise<Home[]> {
  const accounts = await accountsByUid();
  const everybody = process.geteuid?.() === 0 && named.length === 0 ? await homesOfEverybody() : [];
  const folders = named.length > 0 ? named : [ownFolder, ...everybody];
  const homes = await Promise.all(
    [...new Set(folders)].slice(0, LIMIT).map((folder) => homeAt(folder, accounts, folder === ownFolder)),
  );
  return homes.filter((home) => home !== undefined);
}

async function homesOfEverybody(): Promise<string[]> {
  const above = ABOVE[process.platform];
  const beside = above === undefined ? [] : await readdir(above).catch(() => []);
  const entries = await passwdEntries();
  const people = entries.filter(({ uid }) => uid === 0 || uid >= 500).map(({ folder }) => folder);
  return [...people.filter((folder) => folder.length > 1), ...beside.map((name) => join(above ?? '/', name))];
}

async function homeAt(folder: string, accounts: ReadonlyMap<number, string>, own: boolean): Promise<Home | undefined> {
  const state = await lstat(folder).catch(() => undefined);
  if (!state?.isDirectory()) return undefined;
  const uid = process.geteuid ? state.uid : undefined;
  const account = own && uid === process.geteuid?.() ? userInfo().username : undefined;
  return { folder, account: account ?? accounts.get(uid ?? -1) ?? basename(folder), uid, own };
}

/** Names of accounts by their id, as far as `/etc/passwd` knows them. */
export async function accountsByUid(): Promise<ReadonlyMap<number, string>> {
  return new Map((await passwdEntries()).map(({ uid, name }) => [uid, name]));
}

async function passwdEntries(): Promise<{ name: string; uid: number; folder: string }[]> {
  if (process.platform === 'win32') return [];
  const file = await readLimitedFile('/etc/passwd', undefined).catch(() => undefined);
  if (file?.text === undefined) return [];
  return file.text.split('\n').flatMap((line) => {
    const [name = '', , uid = '', , , folder = ''] = line.split(':');
    return /^\d+$/.test(uid) && folder.startsWith('/') ? [{ name, uid: Number(uid), folder }] : [];
  });
}
