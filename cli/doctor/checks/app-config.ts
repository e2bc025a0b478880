import { basename, isAbsolute } from 'node:path';
import { readEntries, type Entry, type ReadEntry } from '../apps/read-entries.js';
import { versionOf } from '../apps/version-of.js';
import { found, type Check, type Scene } from '../check.js';
import { fault } from '../faults/faults.js';
import { ok, type Found } from '../finding.js';
import { isProgram, realPath } from './program.js';

/** The config of each AI app: whether it is sound, and starts this program as the bridge. */
export const APP_CONFIG: Check = {
  name: 'app-config',
  title: 'AI apps',
  needs: [],
  limit: 8_000,
  code: 'config_invalid',
  run: async (scene) => {
    const entries = readEntries(scene.machine);
    if (entries.length === 0) return found(fault('app-config', 'no_app', {}));
    if (entries.every(({ kind }) => kind === 'none')) {
      const apps = [...new Set(entries.map(({ config }) => config.app.title))].join(', ');
      return found(fault('app-config', 'no_app_set_up', { apps }));
    }
    return found(...(await Promise.all(entries.map((entry) => judgeConfig(entry, scene)))).flat());
  },
};

async function judgeConfig(read: ReadEntry, scene: Scene): Promise<Found[]> {
  const { app, file } = read.config;
  const facts = { app: app.title, file, id: app.id };
  if (read.kind === 'entry') return judgeEntry(read.entry, facts, scene);
  if (read.kind === 'unreadable')
    return [fault('app-config', 'config_unreadable', { ...facts, problem: read.problem })];
  return [fault('app-config', read.kind === 'none' ? 'entry_missing' : 'entry_invalid', facts)];
}

type Facts = Readonly<Record<'app' | 'file' | 'id', string>>;

async function judgeEntry({ command: path, args }: Entry, facts: Facts, scene: Scene): Promise<Found[]> {
  const { program, machine } = scene;
  const [own, ...ownArguments] = program.command;
  // What stands before `bridge` where Node runs the built files.
  const words = ownArguments.every((word, index) => args[index] === word) ? args.slice(ownArguments.length) : args;
  const isBridge = words.length === 0 || words[0] === 'bridge';
  if (!isBridge && isOurs(path)) return [fault('app-config', 'entry_invalid', facts)];
  if (!isAbsolute(path)) return [fault('app-config', 'program_relative', { ...facts, path })];
  if (!machine.exists(path)) return [fault('app-config', 'program_missing', { ...facts, path })];
  if (!isProgram(path)) return [fault('app-config', 'program_not_executable', { ...facts, path })];
  const space = machine.platform === 'win32' && path.includes(' ');
  const spaced = space ? [fault('app-config', 'program_space', { ...facts, path })] : [];
  if (realPath(path) === realPath(own) && isBridge) {
    return [...spaced, ok(`${facts.app} starts this program (${facts.file}).`)];
  }
  const version = isOurs(path) ? await versionOf(path, machine.env['SystemRoot']) : undefined;
  if (version === undefined) return [fault('app-config', 'program_other', { ...facts, path, own: program.file })];
  return version === program.version
    ? [...spaced, ok(`${facts.app} starts ${path}, the same version (${facts.file}).`)]
    : [fault('app-config', 'program_version', { ...facts, path, version, own: program.version })];
}

/** Only a program that has our name is ever started to ask for its version. */
function isOurs(path: string): boolean {
  return basename(path).startsWith('mcp-sso');
}
