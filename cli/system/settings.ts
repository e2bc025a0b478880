import { CodedError } from '#shared/errors.js';
import type { CommandContext } from '../commands/context.js';
import { readMachineSettings, type MachineSettings } from './machine-settings.js';
import { readManagedSettings } from './managed-settings.js';
import { controlPlaneOrigin } from './origin.js';
import { isStoreKind, type SettingsFile, type StoreKind } from './settings-file.js';
import { readUserConfig, userConfigFile } from './user-config.js';

/** A value and who set it. */
export interface Setting<T> {
  readonly value: T;
  /** `--url`, `MCP_SSO_URL`, a file, or `default`. */
  readonly setBy: string;
  /** Who asked for another value in vain, because the administrator’s is locked. */
  readonly overrules: readonly string[];
}

export interface CliSettings {
  readonly url: Setting<string> | undefined;
  /** Undefined: keychain where there is one, else memory. */
  readonly credentialStore: Setting<StoreKind> | undefined;
  /** Origins that managed settings or an earlier `login` named; nowhere else may a sign-in start. */
  readonly trusted: readonly string[];
}

export interface SettingsOptions {
  /** Instead of the context’s. */
  readonly credentialStore?: string | undefined;
  readonly managed?: { readonly file: string; readonly owner: number };
}

interface Claim<T> {
  readonly value: T | undefined;
  readonly setBy: string;
}

/** Settings by precedence: locked managed, flag, environment, managed, the person's file. Throws CodedError config_invalid | usage. */
export async function resolveSettings(context: CommandContext, options: SettingsOptions = {}): Promise<CliSettings> {
  const [{ settings: machine, from }, person] = await Promise.all([
    readManaged(context, options.managed),
    readUserConfig(context.paths),
  ]);
  const files = { machine, managedFile: from, person, personFile: userConfigFile(context.paths) };
  const trusted = [machine.url, person.url, ...(person.named ?? [])].filter((origin) => origin !== undefined);
  return {
    url: choose('url', files, [
      { value: given(context.url, '--url'), setBy: '--url' },
      { value: given(context.env['MCP_SSO_URL'], 'MCP_SSO_URL'), setBy: 'MCP_SSO_URL' },
    ]),
    credentialStore: choose('credentialStore', files, [
      { value: storeKind(options.credentialStore ?? context.credentialStore), setBy: '--credential-store' },
    ]),
    trusted: [...new Set(trusted)],
  };
}

async function readManaged({ env }: CommandContext, named: SettingsOptions['managed']): Promise<MachineSettings> {
  if (named === undefined) return readMachineSettings(process.platform, env);
  return { settings: (await readManagedSettings(named.file, named.owner)) ?? {}, from: named.file };
}

interface Files {
  readonly machine: SettingsFile;
  readonly managedFile: string;
  readonly person: SettingsFile;
  readonly personFile: string;
}

function choose<K extends 'url' | 'credentialStore'>(
  key: K,
  files: Files,
  direct: readonly Claim<NonNullable<SettingsFile[K]>>[],
): Setting<NonNullable<SettingsFile[K]>> | undefined {
  const managed = { value: files.machine[key], setBy: files.managedFile };
  const person = { value: files.person[key], setBy: files.personFile };
  const locked = managed.value !== undefined && !files.machine.overridable?.includes(key);
  const order = locked ? [managed, ...direct, person] : [...direct, managed, person];
  const winner = order.find((claim) => claim.value !== undefined);
  if (winner?.value === undefined) return undefined;
  const overrules = locked ? direct.filter(({ value }) => value !== undefined && value !== winner.value) : [];
  return { value: winner.value, setBy: winner.setBy, overrules: overrules.map(({ setBy }) => setBy) };
}

function given(address: string | undefined, setBy: string): string | undefined {
  return address === undefined || address === '' ? undefined : controlPlaneOrigin(address, `set by ${setBy}`);
}

function storeKind(text: string | undefined): StoreKind | undefined {
  if (text === undefined || isStoreKind(text)) return text;
  throw new CodedError('usage', { message: '--credential-store must be keychain, file or memory.' });
}

/** The control plane's origin. Throws CodedError config_invalid where nobody named one. */
export function requireUrl(settings: CliSettings): Setting<string> {
  if (settings.url) return settings.url;
  throw new CodedError('config_invalid', {
    message: 'No control plane is set. Run: mcp-sso login --url https://mcp.example.com',
  });
}
