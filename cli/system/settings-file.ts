import { CodedError } from '#shared/errors.js';
import { controlPlaneOrigin } from './origin.js';

const STORE_KINDS = ['keychain', 'file', 'memory'] as const;
/** Where the key to the saved sign-ins is kept. */
export type StoreKind = (typeof STORE_KINDS)[number];

export function isStoreKind(value: unknown): value is StoreKind {
  return STORE_KINDS.some((kind) => kind === value);
}

/** What config.json and managed.json may say. */
export interface SettingsFile {
  readonly url?: string;
  readonly credentialStore?: StoreKind;
  /** managed.json: keys that flags, environment and the person's own file may override. */
  readonly overridable?: readonly string[];
  /** config.json: origins that the person named in a `login`; only there may a sign-in start. */
  readonly named?: readonly string[];
}

const isTextList = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

const CHECKS: Record<keyof SettingsFile, { is: (value: unknown) => boolean; wants: string }> = {
  url: { is: (value) => typeof value === 'string', wants: 'a URL' },
  credentialStore: { is: isStoreKind, wants: 'keychain, file or memory' },
  overridable: { is: isTextList, wants: 'a list of keys' },
  named: { is: isTextList, wants: 'a list of URLs' },
};

/** Parses one settings file. Throws CodedError config_invalid naming file and key. */
export function parseSettings(text: string, file: string, allowed: readonly (keyof SettingsFile)[]): SettingsFile {
  const fault = (what: string): CodedError => new CodedError('config_invalid', { message: `${file}: ${what}.` });
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    throw fault('is not valid JSON; correct or delete it');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw fault('must hold a JSON object');
  for (const [key, content] of Object.entries(value)) {
    const known = allowed.find((name) => name === key);
    if (!known) throw fault(`unknown key "${key}"; known are ${allowed.join(', ')}`);
    if (!CHECKS[known].is(content)) throw fault(`"${key}" must be ${CHECKS[known].wants}`);
  }
  const settings = value as SettingsFile;
  return settings.url === undefined ? settings : { ...settings, url: controlPlaneOrigin(settings.url, file) };
}
