import { EXECUTABLES, type Kit, type KitFile } from './kit.js';

/** What builds a .deb and an .rpm with the executable and its managed settings, on any Linux that has dpkg-deb or rpmbuild. */
export function linuxPackageFiles({ version }: Kit): KitFile[] {
  // Both order `~` before the release itself; neither takes a hyphen there.
  const packaged = version.replaceAll('-', '~');
  return [
    { path: 'linux/build-packages.sh', content: buildPackages(packaged), executable: true },
    { path: 'linux/scripts/postinst', content: POSTINST, executable: true },
    { path: 'linux/scripts/prerm', content: PRERM, executable: true },
    { path: 'linux/mcp-sso.spec', content: spec(packaged) },
  ];
}

/** Nothing of the environment of whoever installs reaches the program, which checks by itself that only root can change it. */
const SETUP = `/usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin ${EXECUTABLES.linux} setup --all-users`;
const SET_UP = `${SETUP} ||
  echo 'mcp-sso: not every account was set up; the rest follows at their next login.' >&2`;
const CLEAN_UP = `${SETUP} --remove ||
  echo 'mcp-sso: not every account was cleaned up.' >&2`;

const POSTINST = `#!/bin/sh
set -e
# Into a folder and not onto this machine.
[ -z "\${DPKG_ROOT:-}" ] || exit 0
[ "$1" = configure ] || exit 0
${SET_UP}
`;

const PRERM = `#!/bin/sh
set -e
[ -z "\${DPKG_ROOT:-}" ] || exit 0
[ "$1" = remove ] || exit 0
${CLEAN_UP}
`;

const SUMMARY = 'Company sign-in for the MCP servers of AI apps';

const buildPackages = (version: string): string => `#!/bin/sh
# sh build-packages.sh EXECUTABLE: makes a .deb and an .rpm beside this script, with whichever of dpkg-deb and rpmbuild is here.
set -eu
umask 022

if [ $# -ne 1 ] || [ ! -f "$1" ]; then
  echo 'Usage: sh build-packages.sh EXECUTABLE' >&2
  exit 2
fi
executable=$1
here=$(cd "$(dirname "$0")" && pwd)
# e_machine of the ELF header.
case $(od -An -tu2 -j18 -N2 "$executable" | tr -d ' ') in
  62) deb=amd64 rpm=x86_64 ;;
  183) deb=arm64 rpm=aarch64 ;;
  *)
    echo "$executable is no executable for Linux on x64 or arm64." >&2
    exit 1
    ;;
esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

lay_out() {
  mkdir -p "$1/usr/local/bin" "$1/etc/mcp-sso"
  install -m 755 "$executable" "$1${EXECUTABLES.linux}"
  install -m 644 "$here/managed.json" "$1/etc/mcp-sso/managed.json"
}

build_deb() {
  lay_out "$work/deb"
  mkdir "$work/deb/DEBIAN"
  install -m 755 "$here/scripts/postinst" "$here/scripts/prerm" "$work/deb/DEBIAN"
  echo /etc/mcp-sso/managed.json >"$work/deb/DEBIAN/conffiles"
  cat >"$work/deb/DEBIAN/control" <<CONTROL
Package: mcp-sso
Version: ${version}
Architecture: $deb
Maintainer: mcp-sso <root@localhost>
Installed-Size: $(du -sk "$work/deb" | cut -f1)
Depends: libc6 (>= 2.28), libstdc++6
Section: net
Priority: optional
Description: ${SUMMARY}
 The bridge that AI apps start, and the address of the company's control plane.
CONTROL
  dpkg-deb --root-owner-group --build "$work/deb" "$here/mcp-sso_${version}_$deb.deb"
}

build_rpm() {
  lay_out "$work/tree"
  rpmbuild -bb --quiet --target "$rpm-linux" --define "_topdir $work/rpm" --define "tree $work/tree" "$here/mcp-sso.spec"
  cp "$work/rpm/RPMS/$rpm/"*.rpm "$here"
}

built=no
if command -v dpkg-deb >/dev/null; then build_deb && built=yes; fi
if command -v rpmbuild >/dev/null; then build_rpm && built=yes; fi
if [ $built = no ]; then
  echo 'Neither dpkg-deb nor rpmbuild is here.' >&2
  exit 1
fi
`;

/** The executable has its program appended: stripped, or given a build id, it would be another file than the release's. */
const spec = (version: string): string => `%global debug_package %{nil}
%global __os_install_post %{nil}
%global _build_id_links none
Name: mcp-sso
Version: ${version}
Release: 1
Summary: ${SUMMARY}
License: Apache-2.0
AutoReqProv: no

%description
The bridge that AI apps start, and the address of the company's control plane.

%install
cp -a "%{tree}/." "%{buildroot}"

%post
${SET_UP}

%preun
if [ "$1" = 0 ]; then
  ${CLEAN_UP}
fi

%files
%attr(0755, root, root) ${EXECUTABLES.linux}
%dir %attr(0755, root, root) /etc/mcp-sso
%config %attr(0644, root, root) /etc/mcp-sso/managed.json
`;
