import type { LaunchedPackage } from '#shared/api/inventory.js';
import { shownAddress } from './address.js';
import { shownName } from './shown-text.js';

type Registry = Exclude<LaunchedPackage['registry'], 'bundle'>;

/** Options of the runners that take a value, so that the value isn't taken for the package. */
const VALUED: Readonly<Record<Registry, readonly string[]>> = {
  npm: ['-p', '--package', '-c', '--call', '--registry', '--cache', '--prefix', '-w', '--workspace', '--userconfig'],
  pypi: [
    '--from',
    '--spec',
    '--with',
    '--python',
    '-p',
    '--index-url',
    '-i',
    '--extra-index-url',
    '--index',
    '--pip-args',
    '--directory',
    '--env-file',
  ],
  oci: [
    '-e',
    '--env',
    '-v',
    '--volume',
    '--mount',
    '-p',
    '--publish',
    '--name',
    '--network',
    '--net',
    '-u',
    '--user',
    '-w',
    '--workdir',
    '--entrypoint',
    '--env-file',
    '-h',
    '--hostname',
    '--add-host',
    '--platform',
    '-l',
    '--label',
    '-m',
    '--memory',
    '--cpus',
    '--pull',
    '--dns',
    '--device',
    '--cap-add',
    '--cap-drop',
    '--security-opt',
    '--restart',
    '--tmpfs',
    '--ulimit',
    '--gpus',
    '--runtime',
    '--log-driver',
    '--log-opt',
    '--ip',
    '--pid',
    '--ipc',
  ],
  git: [],
};

/** Options whose value is the package itself. */
const NAMING: ReadonlySet<string> = new Set(['-p', '--package', '--from', '--spec']);

interface Runner {
  readonly registry: Registry;
  /** Words that must follow the program, one of each group. */
  readonly verbs: readonly (readonly string[])[];
}

const RUNNERS: Readonly<Record<string, readonly Runner[]>> = {
  npx: [{ registry: 'npm', verbs: [] }],
  bunx: [{ registry: 'npm', verbs: [] }],
  pnpx: [{ registry: 'npm', verbs: [] }],
  npm: [{ registry: 'npm', verbs: [['exec', 'x']] }],
  pnpm: [{ registry: 'npm', verbs: [['dlx', 'exec']] }],
  yarn: [{ registry: 'npm', verbs: [['dlx']] }],
  bun: [{ registry: 'npm', verbs: [['x']] }],
  uvx: [{ registry: 'pypi', verbs: [] }],
  pipx: [{ registry: 'pypi', verbs: [['run']] }],
  uv: [{ registry: 'pypi', verbs: [['tool'], ['run']] }],
  docker: [
    { registry: 'oci', verbs: [['run']] },
    { registry: 'oci', verbs: [['container'], ['run']] },
  ],
  podman: [{ registry: 'oci', verbs: [['run']] }],
  nerdctl: [{ registry: 'oci', verbs: [['run']] }],
};

/** A package that a command fetches and runs, and where the words are that belong to it. */
export interface Launch {
  readonly package: LaunchedPackage;
  /** Index of its specification in the arguments. */
  readonly at: number;
}

/** What a command line runs out of a registry; undefined where it runs a program of this machine. */
export function launchedPackage(program: string, args: readonly string[]): Launch | undefined {
  const runner = (RUNNERS[programName(program)] ?? []).find(({ verbs }) =>
    verbs.every((words, at) => words.includes(args[at] ?? '')),
  );
  if (!runner) return undefined;
  const at = specIndex(args, runner.verbs.length, runner.registry);
  const spec = args[at];
  return spec === undefined ? undefined : { at, package: parsersByRegistry[runner.registry](valueOf(spec)) };
}

/** `npx` of `C:\\Program Files\\nodejs\\npx.cmd`. */
export function programName(program: string): string {
  return (program.split(/[\\/]/).at(-1) ?? '').replace(/\.(?:exe|cmd|bat|ps1)$/i, '').toLowerCase();
}

function specIndex(args: readonly string[], from: number, registry: Registry): number {
  let plain = -1;
  for (let at = from; at < args.length; at += 1) {
    const word = args[at]!;
    const [option = ''] = word.split('=', 1);
    if (registry !== 'oci' && NAMING.has(option)) {
      // `-p` of uvx is the version of Python.
      if (!(registry === 'pypi' && option === '-p')) return word.includes('=') ? at : at + 1;
    }
    if (!word.startsWith('-')) {
      plain = at;
      break;
    }
    if (VALUED[registry].includes(word)) at += 1;
  }
  return plain;
}

function valueOf(spec: string): string {
  return spec.startsWith('-') ? spec.slice(spec.indexOf('=') + 1) : spec;
}

const parsersByRegistry: Readonly<Record<Registry, (spec: string) => LaunchedPackage>> = {
  npm: npmPackage,
  pypi: pythonPackage,
  oci: image,
  git: gitPackage,
};

/** One exact version (SemVer 2.0), and neither a range nor a tag like `latest`. */
const EXACT = /^v?\d+\.\d+\.\d+(?:-[\w.-]+)?(?:\+[\w.-]+)?$/;

function npmPackage(spec: string): LaunchedPackage {
  if (isSource(spec) || /^[\w.-]+\/[\w.-]+(?:#.*)?$/.test(spec)) return gitPackage(spec);
  const [, name = spec, version] = /^((?:@[^/@]+\/)?[^@]+)@(.+)$/.exec(spec) ?? [];
  return { registry: 'npm', name: shownName(name), ...versionOf(version, EXACT) };
}

/** `name[extra]==1.2.3`, and `name@1.2.3` as uvx writes it (PEP 440, PEP 508). */
function pythonPackage(spec: string): LaunchedPackage {
  if (isSource(spec)) return gitPackage(spec);
  const direct = /^([\w.-]+)(?:\[[^\]]*\])?\s*@\s*(\S+:\/\/\S+)$/.exec(spec);
  if (direct?.[2] !== undefined) return { ...gitPackage(direct[2]), name: shownName(direct[1] ?? '') };
  const [, name = spec, version] = /^([\w.-]+)(?:\[[^\]]*\])?\s*(?:={2,3}|@|(?=[<>~!]))\s*(.*)$/.exec(spec) ?? [];
  return {
    registry: 'pypi',
    name: shownName(name),
    ...versionOf(version, /^\d+(?:!\d+)?(?:\.\d+)*(?:(?:a|b|rc|\.post|\.dev)\d+)*$/),
  };
}

/** Only a digest is one image; a tag is moved at will. */
function image(spec: string): LaunchedPackage {
  const [named = '', digest] = spec.split('@', 2);
  const [, name = named, tag] = /^(.*):([\w][\w.-]*)$/.exec(named) ?? [];
  return { registry: 'oci', name: shownName(name), ...versionOf(digest ?? tag, /^sha256:[0-9a-f]{64}$/) };
}

function gitPackage(spec: string): LaunchedPackage {
  const [source = '', fragment] = spec.replace(/^git\+/, '').split('#', 2);
  const [, address = source, revision = fragment] = /^(.*\/[^@]*)@([^@/]+)$/.exec(source) ?? [];
  const shown =
    URL.canParse(address) && /^https?:/.test(address)
      ? shownAddress(address).url
      : shownName(address.replace(/^[^@]*@/, ''));
  return { registry: 'git', name: shown, ...versionOf(revision, /^[0-9a-f]{40}$/) };
}

function isSource(spec: string): boolean {
  return /^(?:git\+|git:|github:|gitlab:|https?:|ssh:|file:)/.test(spec);
}

function versionOf(version: string | undefined, exact: RegExp): Pick<LaunchedPackage, 'version' | 'pinned'> {
  if (version === undefined || version === '') return { version: null, pinned: false };
  const isExact = exact.test(version);
  return { version: isExact ? version : shownName(version), pinned: isExact };
}
