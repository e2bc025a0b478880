// Apple's tools: https://developer.apple.com/documentation/security/notarizing-macos-software-before-distribution
// Not run so far: nothing here was built on a Mac yet.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ENTITLEMENTS = fileURLToPath(new URL('macos-entitlements.plist', import.meta.url));

export function removeSignature(executable) {
  run('codesign', ['--remove-signature', executable]);
}

/** Signs with an identity of the keychain and the hardened runtime; ad hoc, for this Mac alone, without one. */
export function sign(executable, identity) {
  const hardened = ['--options', 'runtime', '--timestamp', '--entitlements', ENTITLEMENTS];
  run('codesign', ['--force', '--sign', identity ?? '-', ...(identity === undefined ? [] : hardened), executable]);
}

/** Has Apple check the executable. The ticket stays with Apple: a bare executable cannot carry it. */
export function notarize(executable, profile) {
  const archive = `${executable}.zip`;
  run('ditto', ['-c', '-k', '--keepParent', executable, archive]);
  run('xcrun', ['notarytool', 'submit', archive, '--keychain-profile', profile, '--wait', '--timeout', '30m']);
}

function run(program, args) {
  execFileSync(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
}
