import { arch, hostname, release, userInfo } from 'node:os';
import { resolve } from 'node:path';
import { writeFileAtomically } from '../../system/atomic-file.js';
import { readEntries, type ReadEntry } from '../apps/read-entries.js';
import type { Scene } from '../check.js';
import type { Finding } from '../finding.js';
import { entrySecrets, shownEntry } from './entries.js';
import { secretValues, shownEnvironment } from './environment.js';
import { shownLog } from './log-lines.js';
import { scrub, type Private } from './scrub.js';

const ABOUT =
  'A report of mcp-sso doctor, made to be mailed; read it before you do. It names hosts, servers, proxies and folders of your ' +
  'company and this computer. It holds no token, key, password or argument, nothing of other entries in your apps’ files, and ' +
  'no name, e-mail address or account: the home folder is shown as ~, and what looked like a secret as (removed).';

/** Writes what doctor found, and what it was found with, as one JSON text for its owner only. Throws CodedError config_invalid. */
export async function writeBundle(file: string, scene: Scene, findings: readonly Finding[]): Promise<void> {
  const entries = readEntries(scene.machine);
  const content = scrub(contentOf(scene, findings, entries), privateOf(scene, entries)) as object;
  await writeFileAtomically(
    resolve(file),
    `${JSON.stringify({ about: ABOUT, ...content }, null, 2)}\n`,
    'config_invalid',
  );
}

function contentOf(
  { context, program, machine }: Scene,
  findings: readonly Finding[],
  entries: readonly ReadEntry[],
): object {
  return {
    made: context.now().toISOString(),
    program: { version: program.version, file: program.file, node: process.version },
    system: { platform: machine.platform, architecture: arch(), release: release() },
    folders: context.paths,
    environment: shownEnvironment(context.env),
    findings: findings.map(({ mailable, ...finding }) => ({ ...finding, detail: mailable ?? finding.detail })),
    apps: entries.map(shownEntry),
    logs: logFiles(context.env['MCP_SSO_LOG_FILE'], entries).map((log) => ({ file: log, lines: shownLog(log) })),
  };
}

/** The log that the environment names, and those of the bridges that apps start. */
function logFiles(own: string | undefined, entries: readonly ReadEntry[]): string[] {
  const named = entries.map((read) => (read.kind === 'entry' ? read.entry.env['MCP_SSO_LOG_FILE'] : undefined));
  return [...new Set([own, ...named])].filter((log) => typeof log === 'string' && log !== '') as string[];
}

function privateOf({ context, machine }: Scene, entries: readonly ReadEntry[]): Private {
  const secrets = [...secretValues(context.env), ...entries.flatMap(entrySecrets), hostname()];
  return { secrets, home: machine.home, user: userInfo().username };
}
