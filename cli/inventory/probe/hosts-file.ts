import { isIP, isIPv6 } from 'node:net';
import { CodedError } from '#shared/errors.js';
import { readLimitedFile } from '../documents/limited-file.js';
import { originOf, schemesOf, USUAL_PATHS, USUAL_PORTS, type ProbeTarget } from './probe-target.js';

/**
 * The places that a file names, one a line: a host, `host:port`, or an address with or without a path; `#` begins a comment.
 * `ports`: for hosts without one. Throws CodedError config_invalid with file and line.
 */
export async function readHostsFile(file: string, ports: readonly number[] = USUAL_PORTS): Promise<ProbeTarget[]> {
  const { text, refused = 'there is no such file' } = await readLimitedFile(file, undefined);
  if (text === undefined) throw new CodedError('config_invalid', { message: `${file} cannot be used: ${refused}.` });
  return text.split('\n').flatMap((line, index) => {
    const written = line.replace(/#.*$/, '').trim();
    if (written === '') return [];
    const targets = targetsOf(written, ports);
    if (!targets) {
      throw new CodedError('config_invalid', {
        message: `${file}, line ${index + 1}: not a host, host:port or http(s) address. Correct the line, then try again.`,
      });
    }
    return targets;
  });
}

const NOBODY = { found: 'hosts', bind: null, owner: null } as const;

function targetsOf(written: string, ports: readonly number[]): ProbeTarget[] | undefined {
  if (/^https?:\/\//i.test(written)) return addressTarget(written);
  if (isIPv6(written)) return ports.map((port) => hostTarget(written, port));
  const [, bracketed, name, digits] = /^(?:\[([^\]]+)\]|([^\s:/?#@[\]]+))(?::(\d{1,5}))?$/.exec(written) ?? [];
  const host = bracketed ?? name;
  if (host === undefined || (bracketed !== undefined && !isIPv6(bracketed)) || !isHost(host)) return undefined;
  if (digits === undefined) return ports.map((port) => hostTarget(host, port));
  const port = Number(digits);
  return port >= 1 && port <= 65_535 ? [hostTarget(host, port)] : undefined;
}

function hostTarget(host: string, port: number): ProbeTarget {
  return { ...NOBODY, host, port, schemes: schemesOf(port), paths: USUAL_PATHS };
}

function addressTarget(written: string): ProbeTarget[] | undefined {
  if (!URL.canParse(written)) return undefined;
  const { protocol, hostname, port, pathname, username, password } = new URL(written);
  if (username !== '' || password !== '') return undefined;
  const scheme = protocol === 'https:' ? 'https' : 'http';
  const host = hostname.replace(/^\[|\]$/g, '');
  const known = { ...NOBODY, host, port: Number(port || (scheme === 'https' ? 443 : 80)), schemes: [scheme] } as const;
  const target = { ...known, paths: pathname === '/' ? USUAL_PATHS : [pathname] };
  return originOf(scheme, target) === new URL(written).origin ? [target] : undefined;
}

function isHost(host: string): boolean {
  return (
    isIP(host) !== 0 || (/^[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9_.])?$/i.test(host) && URL.canParse(`http://${host}/`))
  );
}
