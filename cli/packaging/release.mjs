// npm run release -- --key FILE: makes dist/release of the executables in dist: SHA256SUMS over them and their bills of
// materials, its signatures, and the installers with the key built in. See docs/guides/install.md.
//   --key FILE   Ed25519 private key, PEM (openssl genpkey -algorithm ed25519 -out FILE)
//   --url URL    the address where the files will be; installers download from there unless told otherwise
//   --from DIR, --out DIR   in place of dist and dist/release
import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { sshPublicKey, sshSignature } from './ssh-signature.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

const { values: options } = parseArgs({
  options: {
    key: { type: 'string' },
    url: { type: 'string', default: '' },
    from: { type: 'string', default: join(root, 'dist') },
    out: { type: 'string', default: join(root, 'dist', 'release') },
  },
});
const key = privateKey(options.key);
const publicKey = createPublicKey(key);
const url = plainAddress(options.url);
const names = readdirSync(options.from)
  .filter((name) => name.startsWith(`mcp-sso-${version}-`))
  .toSorted();
if (names.length === 0)
  throw new Error(`${options.from} holds no executable of ${version}. Run: npm run package -- --all`);

const out = resolve(options.out);
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
for (const name of names) copyFileSync(join(options.from, name), join(out, name));
for (const name of ['install.sh', 'install.ps1']) writeInstaller(name);
const sums = Buffer.from([...names, 'install.ps1', 'install.sh'].map(sumLine).join(''));
writeFileSync(join(out, 'SHA256SUMS'), sums);
writeFileSync(join(out, 'SHA256SUMS.sig'), sign(null, sums, key));
writeFileSync(join(out, 'SHA256SUMS.sshsig'), sshSignature(sums, key, 'mcp-sso-release'));
console.log(out);

function privateKey(file) {
  if (file === undefined) throw new Error('Give the key that signs releases: --key FILE');
  const found = createPrivateKey(readFileSync(file));
  if (found.asymmetricKeyType !== 'ed25519') throw new Error(`${file} is no Ed25519 key.`);
  return found;
}

/** It is written into shell scripts between single quotes. */
function plainAddress(text) {
  if (text === '' || (URL.canParse(text) && /^https?:\/\/[\w.:/%~+-]+$/.test(text))) return text;
  throw new Error(`--url ${text} is not a plain https address.`);
}

function sumLine(name) {
  return `${createHash('sha256')
    .update(readFileSync(join(out, name)))
    .digest('hex')}  ${name}\n`;
}

/** The installer of the repository, with key and address in the lines that are empty there. */
function writeInstaller(name) {
  const values = { SSH_PUBLIC_KEY: sshPublicKey(publicKey), RELEASE_URL: url };
  // Windows has no OpenSSL.
  if (name.endsWith('.sh')) values.PUBLIC_KEY = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  let text = readFileSync(join(root, name), 'utf8');
  for (const [variable, value] of Object.entries(values)) {
    const line = new RegExp(`^(\\$?${variable} ?= ?)''`, 'm');
    if (!line.test(text)) throw new Error(`${name} has no line ${variable}=''.`);
    text = text.replace(line, (_, start) => `${start}'${value}'`);
  }
  writeFileSync(join(out, name), text);
  chmodSync(join(out, name), 0o755);
}
