#!/bin/sh
# Installs mcp-sso, puts a newer one in its place, or removes it. Needs no Node. Run with --help.
#
# Nothing is installed unless the release's SHA256SUMS is signed (Ed25519) with the key below and names the SHA-256 of the
# executable. The copy of this script in a release has the key and the address; in the repository both are empty.
set -eu

PUBLIC_KEY=''     # base64 of its SubjectPublicKeyInfo (RFC 8410)
SSH_PUBLIC_KEY='' # the same key as OpenSSH writes it: ssh-ed25519 AAAA…
RELEASE_URL=''

usage() {
  cat <<'TEXT'
Usage: install.sh [--user | --system] [--from FILE|DIR | --release URL] [options]
       install.sh --uninstall [--user | --system]

  --user              for you, in ~/.local/bin (without any of the two)
  --system            for everybody on this computer, in /usr/local/bin; needs root
  --dir DIR           in this folder
  --from FILE|DIR     from a downloaded executable, or a folder of a release; SHA256SUMS and its signature lie beside it
  --release URL       from this address, where the files of a release are
  --public-key FILE   checks with this Ed25519 key in place of the built-in one: PEM, or ssh-ed25519
  --allow-downgrade   lets an older version replace a newer one
  --uninstall         removes the executable; settings and sign-ins stay

Example:
  sh install.sh --user --from ~/Downloads/mcp-sso-release
TEXT
}

fail() {
  printf 'install.sh: %s\n' "$1" >&2
  exit "${2:-1}"
}

has() {
  command -v "$1" >/dev/null 2>&1
}

read_arguments() {
  scope=user dir='' from='' release='' key_file='' downgrade=no action=install
  while [ $# -gt 0 ]; do
    case $1 in
      --user) scope=user ;;
      --system) scope=system ;;
      --dir | --from | --release | --public-key)
        [ -n "${2:-}" ] || fail "$1 takes a value. Run with --help to see how." 2
        case $1 in
          --dir) dir=$2 ;;
          --from) from=$2 ;;
          --release) release=$2 ;;
          --public-key) key_file=$2 ;;
        esac
        shift
        ;;
      --allow-downgrade) downgrade=yes ;;
      --uninstall) action=uninstall ;;
      --help | -h)
        usage
        exit 0
        ;;
      *) fail "Unknown argument: $1. Run with --help to see what there is." 2 ;;
    esac
    shift
  done
  [ -z "$from" ] || [ -z "$release" ] || fail 'Give --from or --release, not both.' 2
}

choose_target() {
  if [ "$scope" = system ]; then
    [ -n "$dir" ] || dir=/usr/local/bin
    [ "$(id -u)" = 0 ] || fail '--system needs root. Run it with sudo, or leave --system out to install for yourself.'
  elif [ -z "$dir" ]; then
    [ -n "${HOME:-}" ] || fail 'HOME is not set. Give the folder: --dir DIR' 2
    dir=$HOME/.local/bin
  fi
  case $dir in
    /*) ;;
    *) dir=$PWD/$dir ;;
  esac
  target=$dir/mcp-sso
}

# What is in the target's place has to be a file of its own: through a link another file would be judged, or lost.
require_plain_target() {
  if [ -L "$target" ]; then
    fail "$target is a symbolic link. Remove it, or install elsewhere with --dir DIR."
  elif [ -e "$target" ] && [ ! -f "$target" ]; then
    fail "$target is not a file. Remove it, or install elsewhere with --dir DIR."
  fi
}

uninstall() {
  require_plain_target
  [ -e "$target" ] || fail "mcp-sso is not installed at $target."
  rm -f "$target" || fail "$target could not be removed."
  say "Removed $target. Settings and sign-ins stay, and so do entries of AI apps that start it."
}

say() {
  printf '%s\n' "$1"
}

name_platform() {
  case $(uname -s) in
    Linux) os=linux ;;
    Darwin) os=macos ;;
    *) fail "There is no executable for $(uname -s) here. On Windows run install.ps1." ;;
  esac
  case $(uname -m) in
    x86_64 | amd64) arch=x64 ;;
    aarch64 | arm64) arch=arm64 ;;
    *) fail "There is no executable for $(uname -m)." ;;
  esac
}

# In the target's folder, so that the last step is a rename. Closed to others until then.
make_staging() {
  mkdir -p "$dir" || fail "The folder $dir could not be made."
  # What an installation that was killed has left.
  find "$dir" -maxdepth 1 -type d -name '.mcp-sso-install.*' -mmin +60 -exec rm -rf {} + 2>/dev/null || true
  staging=$(umask 077 && mktemp -d "$dir/.mcp-sso-install.XXXXXX") || fail "The folder $dir cannot be written to."
  trap 'rm -rf "$staging"' EXIT
  trap 'exit 130' HUP INT TERM
}

# get NAME LARGEST: a file of the release, into the staging folder.
get() {
  if [ -n "$release" ]; then
    download "$release/$1" "$staging/$1" "$2" || fail "$release/$1 could not be downloaded. Check the address and the network."
  else
    [ -f "$source_folder/$1" ] || fail "$source_folder/$1 is missing. It comes with the release; nothing is installed without it."
    cp "$source_folder/$1" "$staging/$1" || fail "$source_folder/$1 could not be read."
  fi
}

download() {
  if has curl; then
    curl --fail --silent --show-error --location --proto '=https,http' --proto-redir '=https' --connect-timeout 20 \
      --speed-limit 1000 --speed-time 60 --max-time 3600 --max-filesize "$3" --output "$2" "$1"
  elif has wget; then
    wget -q -T 60 -O "$2" "$1"
  else
    fail 'Neither curl nor wget is here. Download the release elsewhere and give its folder: --from DIR'
  fi
}

choose_source() {
  if [ -n "$from" ]; then
    if [ -d "$from" ]; then
      source_folder=$from wanted=''
    else
      [ -f "$from" ] || fail "$from does not exist."
      wanted=$(basename "$from") source_folder=$(dirname "$from")
    fi
    return
  fi
  wanted='' release=${release:-$RELEASE_URL}
  [ -n "$release" ] || fail 'This copy names no address of releases. Give one, or a downloaded release: --release URL or --from DIR' 2
  release=${release%/}
  case $release in
    https://* | http://127.0.0.1:* | http://localhost:*) ;;
    *) fail "$release is not an https address." 2 ;;
  esac
}

# LibreSSL and OpenSSL before 3.0 have no way to check Ed25519 from the command line.
openssl_knows_ed25519() {
  has openssl && openssl pkeyutl -help 2>&1 | grep -q -e '-rawin'
}

choose_key() {
  pem=$staging/key.pem ssh_key=$SSH_PUBLIC_KEY
  : >"$pem"
  if [ -n "$key_file" ]; then
    [ -f "$key_file" ] || fail "$key_file does not exist."
    ssh_key=$(grep -e '^ssh-ed25519 ' "$key_file" || true)
    [ -n "$ssh_key" ] || cp "$key_file" "$pem" || fail "$key_file could not be read."
  elif [ -n "$PUBLIC_KEY" ]; then
    printf -- '-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----\n' "$PUBLIC_KEY" >"$pem"
  else
    fail 'This copy has no key to check releases with. Take the install.sh of a release, or give the key: --public-key FILE'
  fi
}

# Never passed over: without a program that can check it, nothing is installed.
verify_signature() {
  choose_key
  if [ -s "$pem" ] && openssl_knows_ed25519; then
    get SHA256SUMS.sig 10000
    openssl pkey -pubin -in "$pem" -noout -text 2>/dev/null | grep -qi ed25519 || fail 'The key is not an Ed25519 public key.'
    openssl pkeyutl -verify -pubin -inkey "$pem" -rawin -in "$staging/SHA256SUMS" -sigfile "$staging/SHA256SUMS.sig" \
      >/dev/null 2>&1 || wrong_signature
  elif [ -n "$ssh_key" ] && has ssh-keygen; then
    get SHA256SUMS.sshsig 10000
    printf 'mcp-sso %s\n' "$ssh_key" >"$staging/signers"
    ssh-keygen -Y verify -f "$staging/signers" -I mcp-sso -n mcp-sso-release -s "$staging/SHA256SUMS.sshsig" \
      <"$staging/SHA256SUMS" >/dev/null 2>&1 || wrong_signature
  else
    fail 'The signature cannot be checked: that takes OpenSSL 3.0 or newer, or ssh-keygen of OpenSSH 8.2 or newer. Install one of them (apt-get install openssl, brew install openssl).'
  fi
}

wrong_signature() {
  fail 'The signature of SHA256SUMS is wrong: the release was changed, or signed by somebody else. Nothing was installed.'
}

# The one executable of this platform that SHA256SUMS names; sets name, hash and version.
find_executable() {
  lines=$(grep -E "^[0-9a-f]{64}  mcp-sso-[0-9][0-9A-Za-z.+-]*-$os-$arch\$" "$staging/SHA256SUMS" || true)
  [ -n "$lines" ] || fail "The release has no executable for $os-$arch."
  [ "$(printf '%s\n' "$lines" | wc -l)" -eq 1 ] || fail "SHA256SUMS names several executables for $os-$arch."
  hash=${lines%%  *} name=${lines#*  }
  version=${name#mcp-sso-} version=${version%"-$os-$arch"}
  [ -z "$wanted" ] || [ "$wanted" = "$name" ] || fail "SHA256SUMS names $name for this computer, not $wanted."
}

sha256_of() {
  if has sha256sum; then
    sha256sum <"$1"
  elif has shasum; then
    shasum -a 256 <"$1"
  else
    openssl dgst -sha256 -r <"$1"
  fi
}

# Judges the copy that will be installed, so that nobody can change it in between.
fetch_executable() {
  get "$name" 1000000000
  found=$(sha256_of "$staging/$name")
  [ "${found%% *}" = "$hash" ] || fail "$name is not what SHA256SUMS names: it was changed or is incomplete. Nothing was installed."
  chmod 755 "$staging/$name"
  says=$(env -i HOME="$staging" "$staging/$name" version 2>&1 </dev/null) || fail "$name does not run on this computer: $says"
  [ "$says" = "$version" ] || fail "$name says that it is version $says."
}

require_no_downgrade() {
  [ -e "$target" ] || return 0
  installed=$(env -i HOME="$staging" "$target" version 2>/dev/null </dev/null) || installed=unknown
  [ "$downgrade" = no ] && [ "$installed" != unknown ] && older "$version" "$installed" || return 0
  fail "Version $installed is installed, and $version is older. To install it all the same add --allow-downgrade."
}

# older A B: whether A comes before B. 1.2.0-rc.1 comes before 1.2.0.
older() {
  printf '%s\n%s\n' "$1" "$2" | awk -F '[.+-]' '
    { dash = index($0, "-"); pre[NR] = dash ? substr($0, dash + 1) : "~"; for (i = 1; i <= 3; i++) part[NR, i] = $i + 0 }
    END {
      for (i = 1; i <= 3; i++) if (part[1, i] != part[2, i]) exit !(part[1, i] < part[2, i])
      exit !(pre[1] < pre[2])
    }'
}

# A rename: whoever starts mcp-sso gets the old one or the new one, and bridges that run keep theirs.
put_in_place() {
  sync "$staging/$name" 2>/dev/null || sync
  require_plain_target
  mv -f "$staging/$name" "$target" || fail "$target could not be replaced."
  say "mcp-sso $version is at $target."
  case :${PATH:-}: in
    *":$dir:"*) ;;
    *) say "$dir is not in PATH; AI apps need no PATH, your shell does." ;;
  esac
  say "Next: \"$target\" login --url https://… and \"$target\" setup"
}

main() {
  read_arguments "$@"
  choose_target
  if [ "$action" = uninstall ]; then
    uninstall
    return
  fi
  name_platform
  choose_source
  require_plain_target
  make_staging
  get SHA256SUMS 1000000
  verify_signature
  find_executable
  require_no_downgrade
  fetch_executable
  put_in_place
}

# Last, so that half a script does nothing.
main "$@"
