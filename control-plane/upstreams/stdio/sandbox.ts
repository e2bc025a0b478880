import type { Launch } from './launch.js';

/** What runs in the sandbox, and what of this machine it sees. Paths are absolute. */
export interface Sandbox {
  readonly program: string;
  readonly args: readonly string[];
  readonly read: readonly string[];
  readonly write: readonly string[];
  /** The network of this machine instead of none. */
  readonly network: boolean;
  /** Path → content. */
  readonly files: Readonly<Record<string, string>>;
}

const ID = '1000';
const PASSWD = `server:x:${ID}:${ID}:server:/tmp:/bin/sh\n`;
const SPACE_BYTES = String(64 * 1024 * 1024);
const FIRST_PIPE = 3;

/** Programs and libraries of the operating system, and what these need; nothing here is secret. */
const SYSTEM = [
  '/usr',
  '/bin',
  '/sbin',
  '/lib',
  '/lib32',
  '/lib64',
  '/etc/ld.so.cache',
  '/etc/alternatives',
  '/etc/localtime',
  '/etc/ssl/certs',
  '/etc/ssl/openssl.cnf',
  '/etc/pki/tls/certs',
  '/etc/pki/ca-trust/extracted',
];
/** Own namespaces, no capability, no more rights than at the start; ends with its parent. */
const ALONE = '--unshare-all --unshare-user --die-with-parent --new-session --cap-drop ALL'.split(' ');
const WHO = `--uid ${ID} --gid ${ID} --hostname server`.split(' ');
/** A sandbox started by root could write the settings of the kernel (/proc/sys) otherwise: they go by the outer user. */
const DEVICES = '--proc /proc --remount-ro /proc --dev /dev --remount-ro /dev'.split(' ');
const CLOSED = '--remount-ro / --chdir /tmp --'.split(' ');
const NETWORK = ['/etc/resolv.conf', '/etc/hosts', '/etc/nsswitch.conf'];

/**
 * Arguments of bwrap(1): namespaces of its own for users, processes, IPC and network, a read-only root with no more
 * than is listed, and an end with its parent. Secrets come through pipes: arguments can be read by others.
 */
export function sandboxed(box: Sandbox): Pick<Launch, 'args' | 'pipes'> {
  const contents = Object.entries({ '/etc/passwd': PASSWD, ...box.files });
  const args = [
    ...ALONE,
    ...(box.network ? ['--share-net'] : []),
    ...WHO,
    ...[...SYSTEM, ...(box.network ? NETWORK : [])].flatMap((path) => ['--ro-bind-try', path, path]),
    ...DEVICES,
    ...['/dev/shm', '/tmp'].flatMap((path) => ['--size', SPACE_BYTES, '--tmpfs', path]),
    ...(isOfSystem(box.program) ? [] : ['--ro-bind', box.program, box.program]),
    ...box.read.flatMap((path) => ['--ro-bind', path, path]),
    ...box.write.flatMap((path) => ['--bind', path, path]),
    ...contents.flatMap(([path], index) => ['--perms', '0400', '--ro-bind-data', String(FIRST_PIPE + index), path]),
    ...CLOSED,
    box.program,
    ...box.args,
  ];
  return { args, pipes: contents.map(([, content]) => ({ content })) };
}

function isOfSystem(program: string): boolean {
  return SYSTEM.some((path) => program.startsWith(`${path}/`));
}
