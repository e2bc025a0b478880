// npm run package: builds the CLI as one self-contained executable for this platform, dist/mcp-sso-<version>-<os>-<arch>,
// with its bill of materials beside it. See docs/guides/install.md.
//   -- --all                       for every platform that can be finished here
//   -- --node FILE                 of another Node than the registry's, for this platform
//   -- --codesign-identity NAME    on a Mac: signs with the company's certificate (ad hoc without it)
//   -- --notary-profile NAME       on a Mac: has Apple notarize it (`xcrun notarytool store-credentials NAME`)
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { billOfMaterials } from './bill-of-materials.mjs';
import { injectBlob, makeBlob } from './blob.mjs';
import { bundleProgram, bundleViews } from './bundle.mjs';
import { notarize, removeSignature, sign } from './code-signing.mjs';
import { componentsOf } from './components.mjs';
import { noticesOf } from './notices.mjs';
import { platformPackage } from './platform-packages.mjs';
import { platformsBuiltHere, thisPlatform } from './platforms.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const { version, license: licence } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const dist = join(root, 'dist');

const { values: options } = parseArgs({
  options: {
    all: { type: 'boolean', default: false },
    node: { type: 'string' },
    'codesign-identity': { type: 'string' },
    'notary-profile': { type: 'string' },
  },
});
if (options.all && options.node !== undefined) throw new Error('--node is for this platform alone: leave out --all.');

mkdirSync(dist, { recursive: true });
for (const platform of options.all ? platformsBuiltHere() : [thisPlatform()]) await packageFor(platform);

async function packageFor(platform) {
  const { os, arch, suffix } = platform;
  const name = `mcp-sso-${version}-${os}-${arch}`;
  const folder = mkdtempSync(join(dist, '.package-'));
  try {
    const { main, parts, packages } = await bundleProgram(root, folder, version);
    const drawn = await bundleViews(root, folder);
    const all = [...new Set([...packages, ...drawn.packages])].toSorted((a, b) => (a < b ? -1 : 1));
    const components = componentsOf(root, platform, all);
    const notices = join(folder, 'THIRD-PARTY-NOTICES');
    writeFileSync(notices, noticesOf(components));
    const executable = makeExecutable(platform, folder, { main, parts, views: drawn.views, notices });
    const file = `${name}${suffix}`;
    const sha256 = createHash('sha256').update(readFileSync(executable)).digest('hex');
    const bill = billOfMaterials({ version, licence, file, sha256, components });
    const billFile = join(folder, 'bill.json');
    writeFileSync(billFile, `${JSON.stringify(bill, undefined, 2)}\n`);
    renameSync(billFile, join(dist, `${name}.cdx.json`));
    renameSync(executable, join(dist, file));
    console.log(join(dist, file));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function makeExecutable(platform, folder, { main, parts, views, notices }) {
  const { os, arch, suffix } = platform;
  const keyring = join(platformPackage(root, platform.keyring), platform.addon);
  const assets = {
    ...Object.fromEntries(parts.map((part) => [part, part])),
    'keyring.node': keyring,
    'THIRD-PARTY-NOTICES': notices,
    'views.mjs': join(folder, views),
  };
  const blob = makeBlob({ folder, main, assets, os });
  const executable = join(folder, `mcp-sso${suffix}`);
  copyFileSync(options.node ?? stockNode(platform), executable);
  chmodSync(executable, 0o755);
  requireSealable(executable, platform);
  // Before injecting: stripping afterwards makes it crash.
  if (os === 'linux') strip(executable, arch);
  if (os === 'macos') removeSignature(executable);
  injectBlob(root, executable, blob, os);
  if (os === 'macos') {
    sign(executable, options['codesign-identity']);
    if (options['notary-profile'] !== undefined) notarize(executable, options['notary-profile']);
  }
  return executable;
}

function stockNode({ node, nodeFile }) {
  return join(platformPackage(root, node), nodeFile);
}

/** Node before 24.6 knows no `execArgvExtension`: an executable of it would run what NODE_OPTIONS names. */
function requireSealable(node, { os, arch }) {
  if (readFileSync(node).includes('execArgvExtension')) return;
  throw new Error(
    `The Node for ${os}-${arch} is older than 24.6, and an executable made of it would obey NODE_OPTIONS. ` +
      'Download a newer Node 24 of that platform from https://nodejs.org and give its bin/node: npm run package -- --node FILE',
  );
}

/** A machine without binutils has an executable that is 18 MB larger; what is released has to be the same everywhere. */
function strip(executable, arch) {
  const tool = arch === process.arch ? 'strip' : { x64: 'x86_64', arm64: 'aarch64' }[arch] + '-linux-gnu-strip';
  const { error, status, stderr } = spawnSync(tool, [executable], { encoding: 'utf8' });
  if (error?.code === 'ENOENT' && !options.all) return;
  if (error?.code === 'ENOENT') {
    const named = { x64: 'x86-64', arm64: 'aarch64' }[arch];
    throw new Error(`${tool} is not there. Run: apt-get install -y binutils binutils-${named}-linux-gnu`);
  }
  if (error ?? status !== 0) throw new Error(`${tool} failed: ${error?.message ?? stderr}`);
}
