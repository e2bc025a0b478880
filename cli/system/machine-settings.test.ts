import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isPythonMissing } from '../../test/support/python.js';
import { firstOf } from './machine-settings.js';
import { managedPreferenceFiles } from './managed-preferences.js';
import { readManagedPolicy, readManagedPreferences } from './managed-settings.js';

const OWNER = process.getuid?.() ?? 0;

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'machine-'));
  await mkdir(join(folder, 'Managed Preferences'), { mode: 0o755 });
  file = join(folder, 'Managed Preferences', 'com.mcp-sso.bridge.plist');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const place = (from: string, settings?: object) => ({ from, read: () => Promise.resolve(settings) });

describe('places', () => {
  test('the nearest that there is counts, as a whole', async () => {
    const url = 'https://mcp.example';
    expect(await firstOf([place('a'), place('b', { url }), place('c', { credentialStore: 'file' })])).toEqual({
      settings: { url },
      from: 'b',
    });
    expect(await firstOf([place('a'), place('b')])).toEqual({ settings: {}, from: 'b' });
  });

  test('one that cannot be believed is not passed over', async () => {
    const refused = { from: 'a', read: () => Promise.reject(new Error('refused')) };
    const next = { from: 'b', read: () => Promise.resolve({ url: 'https://b.example' }) };
    await expect(firstOf([refused, next])).rejects.toThrow('refused');
  });

  test('macOS: the person’s own profile before that of the machine', () => {
    expect(managedPreferenceFiles('ada')).toEqual([
      '/Library/Managed Preferences/ada/com.mcp-sso.bridge.plist',
      '/Library/Managed Preferences/com.mcp-sso.bridge.plist',
    ]);
  });
});

/** In the place of plutil, which only macOS has: a property list as JSON. */
async function byPython(path: string): Promise<string> {
  const program = 'import json,plistlib,sys; print(json.dumps(plistlib.load(open(sys.argv[1],"rb"))))';
  return (await promisify(execFile)('python3', ['-c', program, path], { timeout: 20_000 })).stdout;
}

async function writePlist(members: string): Promise<void> {
  const text = `<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0"><dict>${members}</dict></plist>\n`;
  await writeFile(file, text, { mode: 0o644 });
}

const readPlist = () => readManagedPreferences(file, OWNER, byPython);

describe.skipIf(isPythonMissing())('managed preferences', () => {
  const URL_MEMBER = '<key>url</key><string>https://mcp.example</string>';

  test('are read without what macOS adds', async () => {
    expect(await readPlist()).toBeUndefined();
    await writePlist(
      `${URL_MEMBER}<key>overridable</key><array><string>url</string></array><key>PayloadUUID</key><string>1</string>`,
    );
    expect(await readPlist()).toEqual({ url: 'https://mcp.example', overridable: ['url'] });
  });

  test.each(['<key>urls</key><string>x</string>', '<key>url</key><integer>1</integer>', '<key>url'])(
    'that hold %s are refused',
    async (members) => {
      await writePlist(members);
      await expect(readPlist()).rejects.toMatchObject({ code: 'config_invalid' });
    },
  );

  test('attack: that others could have written are refused', async () => {
    await writePlist(URL_MEMBER);
    await chmod(file, 0o664);
    await expect(readPlist()).rejects.toMatchObject({ code: 'config_invalid' });
    await chmod(file, 0o644);
    await expect(readManagedPreferences(file, OWNER + 1, byPython)).rejects.toMatchObject({ code: 'config_invalid' });
    await chmod(join(folder, 'Managed Preferences'), 0o777);
    await expect(readPlist()).rejects.toMatchObject({ code: 'config_invalid' });
  });
});

/** As `reg query` prints it. */
const printed = (text: string): string =>
  `\r\nHKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\mcp-sso\r\n    Settings    REG_SZ    ${text}\r\n\r\n`;

const readPrinted = (text: string) => readManagedPolicy(() => Promise.resolve(printed(text)));

describe('policy of Windows', () => {
  test('is read out of what reg.exe prints, from the 64-bit view of the machine', async () => {
    const asked: string[][] = [];
    const settings = await readManagedPolicy((args) => {
      asked.push([...args]);
      return Promise.resolve(printed('{"url":"https://mcp.example","overridable":["url"]}'));
    });
    expect(settings).toEqual({ url: 'https://mcp.example', overridable: ['url'] });
    expect(asked).toEqual([['query', 'HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\mcp-sso', '/v', 'Settings', '/reg:64']]);
  });

  test('is absent where reg.exe finds none, and refused where it cannot be asked', async () => {
    expect(
      await readManagedPolicy(() => Promise.reject(Object.assign(new Error('none'), { code: 1 }))),
    ).toBeUndefined();
    const failing = readManagedPolicy(() => Promise.reject(Object.assign(new Error('late'), { killed: true })));
    await expect(failing).rejects.toMatchObject({ code: 'config_invalid' });
  });

  test('of another type, or broken, is refused', async () => {
    const other = printed('1').replace('REG_SZ', 'REG_DWORD');
    await expect(readManagedPolicy(() => Promise.resolve(other))).rejects.toMatchObject({ code: 'config_invalid' });
    await expect(readPrinted('{')).rejects.toThrow('is not valid JSON');
    await expect(readPrinted('{"url":"http://evil.example"}')).rejects.toThrow('must start with https://');
  });
});
