import { BUNDLE_ID, EXECUTABLES, jsonFile, type Kit, type KitFile } from './kit.js';
import { configurationProfile } from './configuration-profile.js';
import { managedSettings } from './managed-settings-json.js';
import type { PropertyDictionary } from './property-list.js';

/** The profile of our own settings, and a package with the executable, which only a Mac can build. */
export function macosFiles(kit: Kit): KitFile[] {
  const settings = managedSettings(kit);
  const payload = { domain: BUNDLE_ID, title: 'mcp-sso', settings: { ...settings } as PropertyDictionary };
  return [
    { path: `macos/${BUNDLE_ID}.mobileconfig`, content: configurationProfile(kit, payload) },
    { path: 'macos/managed.json', content: jsonFile(settings) },
    { path: 'macos/build-package.sh', content: BUILD_PACKAGE(kit.version), executable: true },
    { path: 'macos/scripts/postinstall', content: POSTINSTALL, executable: true },
    { path: 'macos/uninstall.sh', content: UNINSTALL, executable: true },
  ];
}

/** Nothing of the environment of the installer reaches the program. */
const CLEAN = '/usr/bin/env -i PATH=/usr/bin:/bin:/usr/sbin:/sbin';

const BUILD_PACKAGE = (version: string): string => `#!/bin/sh
# On a Mac: sh build-package.sh EXECUTABLE [IDENTITY]
# EXECUTABLE is the mcp-sso for this Mac's processor, signed and notarised; IDENTITY a "Developer ID Installer" certificate.
set -eu
if [ $# -lt 1 ] || [ ! -f "$1" ]; then
  echo 'Usage: sh build-package.sh EXECUTABLE [IDENTITY]' >&2
  exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir -p "$root/usr/local/bin"
install -m 755 "$1" "$root${EXECUTABLES.macos}"
set -- "\${2:-}"
if [ -n "$1" ]; then set -- --sign "$1"; else set --; fi
pkgbuild --root "$root" --scripts "$here/scripts" --identifier ${BUNDLE_ID} --version ${version} \\
  --ownership recommended --install-location / "$@" "$here/mcp-sso-${version}.pkg"
`;

const POSTINSTALL = `#!/bin/sh
# Lets the AI apps of every account use mcp-sso, now and at each login. A failure leaves the program installed.
[ "\${3:-/}" = / ] || exit 0
${CLEAN} ${EXECUTABLES.macos} setup --all-users ||
  echo 'mcp-sso: not every account was set up; the rest follows at their next login.' >&2
exit 0
`;

const UNINSTALL = `#!/bin/sh
# For Jamf and Kandji: as root.
set -eu
[ "$(id -u)" = 0 ] || { echo 'Run this as root.' >&2; exit 1; }
if [ -x ${EXECUTABLES.macos} ]; then
  ${CLEAN} ${EXECUTABLES.macos} setup --all-users --remove || echo 'mcp-sso: not every account was cleaned up.' >&2
fi
rm -f ${EXECUTABLES.macos}
pkgutil --forget ${BUNDLE_ID} >/dev/null 2>&1 || true
`;
