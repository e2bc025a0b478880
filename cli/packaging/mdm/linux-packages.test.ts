import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isProgramMissing } from '../../../test/support/program-missing.js';
import { kitFiles } from './kit-files.js';

const NO_ROOT = process.getuid?.() !== 0;
const X64 = process.arch === 'x64';
const DEB = `mcp-sso_1.2.3~rc.1_${X64 ? 'amd64' : 'arm64'}.deb`;
const RPM = `mcp-sso-1.2.3~rc.1-1.${X64 ? 'x86_64' : 'aarch64'}.rpm`;

const run = (program: string, ...args: string[]): string =>
  execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000 });

describe.skipIf(isProgramMissing('dpkg-deb', 'rpmbuild', 'rpm'))('packages for Linux', () => {
  let folder: string;
  let kit: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'packages-'));
    // A blank in the folder's name must not split anything.
    kit = join(folder, 'the kit', 'linux');
    const files = kitFiles({
      origin: 'https://mcp.acme.example',
      organization: 'Acme',
      version: '1.2.3-rc.1',
      overridable: false,
    });
    for (const { path, content, executable } of files) {
      const file = join(folder, 'the kit', path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
      if (executable) chmodSync(file, 0o755);
    }
    run('sh', join(kit, 'build-packages.sh'), '/bin/true');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('the .deb holds both files, of root, and the settings are a conffile', () => {
    const listed = run('dpkg-deb', '--contents', join(kit, DEB)).split('\n');
    const rows = listed.flatMap((row) => /^(-\S+) (\S+) .* (\.\/.+)$/.exec(row)?.slice(1).join(' ') ?? []);
    expect(rows).toEqual([
      '-rw-r--r-- root/root ./etc/mcp-sso/managed.json',
      '-rwxr-xr-x root/root ./usr/local/bin/mcp-sso',
    ]);
    expect(run('dpkg-deb', '--field', join(kit, DEB), 'Package', 'Version')).toBe(
      'Package: mcp-sso\nVersion: 1.2.3~rc.1\n',
    );
    expect(run('dpkg-deb', '--info', join(kit, DEB), 'conffiles')).toBe('/etc/mcp-sso/managed.json\n');
  });

  test('the .rpm holds the same, and the executable byte for byte', () => {
    const format = '[%{FILEMODES:perms} %{FILEUSERNAME} %{FILENAMES}\n]';
    expect(run('rpm', '-qp', '--qf', format, join(kit, RPM))).toBe(
      'drwxr-xr-x root /etc/mcp-sso\n-rw-r--r-- root /etc/mcp-sso/managed.json\n-rwxr-xr-x root /usr/local/bin/mcp-sso\n',
    );
    expect(run('rpm', '-qp', '--configfiles', join(kit, RPM))).toBe('/etc/mcp-sso/managed.json\n');
  });

  test.skipIf(NO_ROOT)('dpkg installs it into a folder and takes it out again', () => {
    const root = mkdtempSync(join(folder, 'deb-'));
    mkdirSync(join(root, 'var', 'lib', 'dpkg', 'updates'), { recursive: true });
    for (const name of ['status', 'available']) writeFileSync(join(root, 'var', 'lib', 'dpkg', name), '');
    const dpkg = (...args: string[]) =>
      run('dpkg', `--root=${root}`, '--force-script-chrootless', '--force-depends', `--log=${root}/log`, ...args);
    dpkg('--install', join(kit, DEB));
    expect(readFileSync(join(root, 'usr/local/bin/mcp-sso'))).toEqual(readFileSync('/bin/true'));
    expect(statSync(join(root, 'etc/mcp-sso/managed.json')).mode & 0o777).toBe(0o644);
    dpkg('--purge', 'mcp-sso');
    expect(existsSync(join(root, 'usr/local/bin/mcp-sso'))).toBe(false);
    expect(existsSync(join(root, 'etc/mcp-sso/managed.json'))).toBe(false);
  });

  test.skipIf(NO_ROOT)('rpm installs it into a folder and takes it out again', () => {
    const root = mkdtempSync(join(folder, 'rpm-'));
    const rpm = (...args: string[]) => run('rpm', '--root', root, '--noscripts', '--nodeps', ...args);
    rpm('--install', join(kit, RPM));
    expect(readFileSync(join(root, 'usr/local/bin/mcp-sso'))).toEqual(readFileSync('/bin/true'));
    rpm('--erase', 'mcp-sso');
    expect(existsSync(join(root, 'usr/local/bin/mcp-sso'))).toBe(false);
    expect(existsSync(join(root, 'etc/mcp-sso/managed.json'))).toBe(false);
  });

  test('what is no executable for Linux is refused', () => {
    const { status, stderr } = spawnSync('sh', [join(kit, 'build-packages.sh'), join(kit, 'managed.json')], {
      encoding: 'utf8',
    });
    expect(status).toBe(1);
    expect(stderr).toContain('is no executable for Linux on x64 or arm64');
  });

  test('attack: scripts of the packages run one program, by its full path and without the caller’s environment', () => {
    const scripts = [
      run('dpkg-deb', '--info', join(kit, DEB), 'postinst'),
      run('dpkg-deb', '--info', join(kit, DEB), 'prerm'),
      run('rpm', '-qp', '--scripts', join(kit, RPM)),
    ].join('\n');
    const calls = scripts.split('\n').filter((line) => line.includes('setup --all-users'));
    expect(calls).toHaveLength(4);
    for (const call of calls) {
      expect(call.trim()).toMatch(
        /^\/usr\/bin\/env -i PATH=\/usr\/sbin:\/usr\/bin:\/sbin:\/bin \/usr\/local\/bin\/mcp-sso setup --all-users(?: --remove)? \|\|$/,
      );
    }
  });
});
