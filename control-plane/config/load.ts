import { resolve } from 'node:path';
import { sortedFaults } from './fault-text.js';
import { judgeSettings } from './judge-settings.js';
import { keyText, type Finding } from './key-path.js';
import { readableSettings } from './readable-settings.js';
import { readDirectory, SETTINGS_FILE, type DirectoryTexts } from './read-directory.js';
import type { Environment } from './secret-reference.js';
import type { Fault, LoadedConfig, PolicyFile, Settings } from './settings.js';
import { readYaml, type YamlSource } from './yaml-source.js';

export interface LoadResult {
  /** Only where nothing at all is wrong. */
  readonly config?: LoadedConfig;
  /** Sorted by file and line. */
  readonly faults: Fault[];
  readonly policyFiles: readonly PolicyFile[];
  /** Servers and providers as far as they can be read, to judge policies by even where other keys have faults. */
  readonly readable: Settings;
  /** A finding of another part as a fault of the settings file, with its line. */
  readonly locate: (finding: Finding) => Fault;
}

/**
 * Judges a configuration directory, as it is or as it was read into `texts`. Every fault is reported at once; never
 * throws for a bad file.
 */
export async function loadConfig(
  directory: string,
  environment: Environment,
  texts?: DirectoryTexts,
): Promise<LoadResult> {
  const root = resolve(directory);
  const { settings: text, policyFiles, faults: policyFaults } = texts ?? (await readDirectory(root));
  const source = readYaml(SETTINGS_FILE, text ?? '');
  const locate = (one: Finding): Fault => faultOf(one, source);
  const common = { policyFiles, readable: readableSettings(source.value), locate };
  if (text === undefined) return { faults: [noSettings(root)], ...common };
  const { findings, settings, ...keys } = source.readable
    ? await judgeSettings({ value: source.value, directory: root, environment })
    : { findings: [] };
  const faults = sortedFaults([...source.faults, ...findings.map(locate), ...policyFaults]);
  const config =
    faults.length === 0 && settings ? { directory: root, settings, policyFiles, environment, ...keys } : undefined;
  return { ...(config ? { config } : {}), faults, ...common };
}

function faultOf({ path, at, message, fix }: Finding, source: YamlSource): Fault {
  return { file: SETTINGS_FILE, ...source.place(path, at), key: keyText(path), message, fix };
}

function noSettings(root: string): Fault {
  const fix = `run: mcp-sso-control-plane init --config ${root}`;
  return { file: SETTINGS_FILE, line: 1, column: 1, key: '', message: `there is no readable file in ${root}`, fix };
}
