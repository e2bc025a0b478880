import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { CodedError } from '#shared/errors.js';

type Environment = Readonly<Record<string, string | undefined>>;

const START_TIMEOUT = 500;

/**
 * Whether a browser opened here would be in front of the person: not over SSH, in CI, without a display, or in a container
 * into which no display leads (a toolbox or distrobox has one).
 */
export function canShowBrowser(platform: NodeJS.Platform, env: Environment, inContainer = isContainer(env)): boolean {
  if (env['SSH_CONNECTION'] || env['SSH_TTY'] || env['CI']) return false;
  if (inContainer) return displaySockets(env).some((socket) => existsSync(socket));
  if (platform !== 'linux') return true;
  return Boolean(env['DISPLAY'] || env['WAYLAND_DISPLAY'] || env['WSL_DISTRO_NAME']);
}

/** Marks that Docker, Podman, systemd-nspawn and Kubernetes leave. */
function isContainer(env: Environment): boolean {
  if (env['container'] || env['KUBERNETES_SERVICE_HOST']) return true;
  return ['/.dockerenv', '/run/.containerenv'].some((mark) => existsSync(mark));
}

/** Where a display of this computer listens: X11's by its number, Wayland's by its name or path. */
function displaySockets({ DISPLAY, WAYLAND_DISPLAY, XDG_RUNTIME_DIR }: Environment): string[] {
  const [, number] = /^:(\d+)(\.\d+)?$/.exec(DISPLAY ?? '') ?? [];
  const x11 = number === undefined ? [] : [`/tmp/.X11-unix/X${number}`];
  return WAYLAND_DISPLAY
    ? [...x11, isAbsolute(WAYLAND_DISPLAY) ? WAYLAND_DISPLAY : join(XDG_RUNTIME_DIR ?? '/', WAYLAND_DISPLAY)]
    : x11;
}

/**
 * Opens an address of the control plane in the person's browser; false where the browser could not be started.
 * Throws on any other address: what a server sends must never choose what is opened (CVE-2025-6514).
 */
export async function openInBrowser(address: string, origin: string): Promise<boolean> {
  const url = URL.parse(address);
  if (!url || url.origin !== origin || !['https:', 'http:'].includes(url.protocol)) {
    throw new CodedError('internal', { detail: 'refused to open an address that is not the control plane’s' });
  }
  try {
    const { default: open } = await import('open');
    const child = await open(url.href);
    return await startedWell(child);
  } catch {
    return false;
  }
}

/** An opener that fails does so at once; one that is still running after half a second has done its job. */
function startedWell(child: { once(event: string, listener: (value: unknown) => void): unknown }): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(true), START_TIMEOUT);
  child.once('error', () => {
    clearTimeout(timer);
    resolve(false);
  });
  child.once('exit', (code) => {
    clearTimeout(timer);
    resolve(code === 0);
  });
  return promise;
}
