import { stat } from 'node:fs/promises';
import { isAbsolute, normalize, resolve } from 'node:path';
import { guideTo } from './guide.js';
import { HOSTED_ONLY } from './hosted-settings.js';
import { valueAt, type Finding, type KeyPath } from './key-path.js';
import { isolationFindings } from './check-isolation.js';
import { knownKeys } from './known-keys.js';
import { nearestWord } from './nearest-word.js';
import { programPath } from './program-path.js';
import { secretReference } from './reference-form.js';
import { liesBelow, privatePaths, touches } from './private-paths.js';
import type { Surroundings } from './surroundings.js';

const LIKE_REFERENCE = /^(env:|file:|secret:|aws-secrets-manager:|1password:|vault:[^#]*#)/;
/** The operating system's own, in every sandbox. */
const TAKEN = /^\/(usr|bin|sbin|lib|lib64|proc|dev)(\/|$)/;

/** The dynamic loader obeys these in every program, also in those that make the sandbox. */
const LOADER = /^(LD_.*|GCONV_PATH)$/;

/** What is wrong with how servers are reached: by `url`, or by a `command` that the control plane runs itself. */
export async function hostedFindings(around: Surroundings): Promise<Finding[]> {
  const servers = Object.keys(asObject(valueAt(around.value, ['servers'])));
  const found = await Promise.all(servers.map((id) => serverFindings(['servers', id], around)));
  return found.flat();
}

async function serverFindings(at: KeyPath, around: Surroundings): Promise<Finding[]> {
  const server = asObject(valueAt(around.value, at));
  if (!('command' in server)) return urlFindings(at, server);
  const checks = [commandFindings, isolationFindings, pathFindings];
  const found = await Promise.all(checks.map((check) => check(at, server, around)));
  return [...exclusive(at, server), ...references(at, server), ...loader(at, server), ...found.flat()];
}

function urlFindings(at: KeyPath, server: object): Finding[] {
  const meaningless = Object.keys(server)
    .filter((key) => HOSTED_ONLY.includes(key))
    .map((key) => fault([...at, key], 'key', 'means nothing without command', 'remove it, or write command'));
  if ('url' in server || isMistyped(at, server)) return meaningless;
  const fix = `${guideTo([...at, 'url'])}; or command, where the control plane is to run it`;
  return [fault([...at, 'url'], 'key', 'missing', fix), ...meaningless];
}

/** `uri` is named as the fault that it is; that `url` is missing would say the same twice. */
function isMistyped(at: KeyPath, server: object): boolean {
  const known = knownKeys(at);
  const unknown = Object.keys(server).filter((key) => !known.includes(key));
  return unknown.some((key) => ['url', 'command'].includes(nearestWord(key, known) ?? ''));
}

function exclusive(at: KeyPath, server: object): Finding[] {
  const url = 'keep url for a server that runs elsewhere, command for one that the control plane runs';
  const transport = 'remove it; a command is always spoken to over stdio';
  return [
    ...('transport' in server
      ? [fault([...at, 'transport'], 'key', 'transport and command exclude each other', transport)]
      : []),
    ...('url' in server ? [fault([...at, 'url'], 'key', 'url and command exclude each other', url)] : []),
  ];
}

async function commandFindings(at: KeyPath, server: object, around: Surroundings): Promise<Finding[]> {
  const [program] = asList(valueAt(server, ['command']));
  if (typeof program !== 'string') return [];
  const place = await programPath(program, around.directory, around.environment);
  if (place !== undefined) {
    return (await liesBelow(place, writable(around))) ? [changeable([...at, 'command', 0])] : [];
  }
  const message = program.includes('/') ? 'there is no such program' : 'this program is not on PATH';
  return [fault([...at, 'command', 0], 'value', message, 'install it, or write its full path')];
}

function references(at: KeyPath, server: object): Finding[] {
  const env = textsOf(server, 'env').filter(([, text]) => LIKE_REFERENCE.test(text) && !isReference(text));
  const files = textsOf(server, 'files');
  const contents = files.filter(([, text]) => !isReference(text));
  const places = files.filter(([path]) => !isAbsolute(path) || normalize(path) !== path || TAKEN.test(path));
  const fix = 'write an absolute path outside of the system’s own folders, for example /run/secrets/token';
  return [
    ...env.map(([name]) => notReference([...at, 'env', name])),
    ...contents.map(([path]) => notReference([...at, 'files', path])),
    ...places.map(([path]) => fault([...at, 'files', path], 'key', 'no file can be put there', fix)),
  ];
}

function isReference(text: string): boolean {
  return secretReference.safeParse(text).success;
}

function loader(at: KeyPath, server: object): Finding[] {
  const names = Object.keys(asObject(valueAt(server, ['env']))).filter((name) => LOADER.test(name));
  return names.map((name) => {
    const fix = `set it inside: command: [env, ${name}=VALUE, PROGRAM]`;
    return fault([...at, 'env', name], 'key', 'this would act outside of the sandbox, on what makes it', fix);
  });
}

/** Every folder that some server in a sandbox may change. */
function writable({ value, directory }: Surroundings): string[] {
  return Object.values(asObject(valueAt(value, ['servers'])))
    .flatMap((server) => asList(valueAt(server, ['write'])))
    .flatMap((text) => (typeof text === 'string' ? [resolve(directory, text)] : []));
}

function changeable(path: KeyPath): Finding {
  const message = 'a server may write around this path, and so put a link to anything in its place';
  return fault(path, 'value', message, 'name what lies outside of every write folder, or such a folder as a whole');
}

/** Paths exist, none lies where a server could exchange it, and none of them opens what the control plane itself keeps. */
async function pathFindings(at: KeyPath, server: object, around: Surroundings): Promise<Finding[]> {
  const own = privatePaths(around);
  const listed = ['read', 'write'].flatMap((key) =>
    asList(valueAt(server, [key])).flatMap((text, index) =>
      typeof text === 'string' ? [{ path: [...at, key, index], place: resolve(around.directory, text) }] : [],
    ),
  );
  const found = await Promise.all(
    listed.map(async ({ path, place }) => {
      const there = await stat(place).catch(() => undefined);
      if (there === undefined) return fault(path, 'value', 'there is nothing at this path', guideTo(path));
      if (!(await touches(place, own))) {
        return (await liesBelow(place, writable(around))) ? changeable(path) : undefined;
      }
      const message = 'this path opens the control plane’s own configuration, key or database';
      return fault(path, 'value', message, 'name only the folders that the server works on');
    }),
  );
  return found.filter((one) => one !== undefined);
}

function notReference(path: KeyPath): Finding {
  return fault(path, 'value', 'not a reference to a secret', guideTo(path));
}

function fault(path: KeyPath, at: Finding['at'], message: string, fix: string): Finding {
  return { path, at, message, fix };
}

function textsOf(server: object, key: string): [string, string][] {
  return Object.entries(asObject(valueAt(server, [key]))).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
}

function asObject(value: unknown): object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}

function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
