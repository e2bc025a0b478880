import type { ToolEffects } from '#shared/api/reviews.js';
import type { ListedServer, ServerOutput } from '#shared/api/servers.js';
import { printable } from '../../system/printable.js';
import { clockText } from '../../time-phrases/clock-text.js';
import type { TimeZone } from '../../time-phrases/time-zone.js';
import { alignColumns } from '../table.js';

const HEADER = ['SERVER', 'TRANSPORT', 'ERA', 'STATE', 'PROCESSES', 'LAST ANSWER', 'LAST FAILURE'];

/** A line a server, at most 120 columns, no colours; in the order of the configuration. */
export function printServers(servers: readonly ListedServer[], zone: TimeZone): string {
  const rows = servers.map(({ id, transport, era, state, processes, lastAnswerAt, lastFailure }) => [
    id,
    transport,
    era ?? '-',
    state,
    transport === 'stdio' ? String(processes.length) : '-',
    lastAnswerAt === null ? '-' : clockText(Date.parse(lastAnswerAt), zone),
    lastFailure === null ? '-' : `${lastFailure.code} ${clockText(Date.parse(lastFailure.at), zone)}`,
  ]);
  return `${alignColumns([HEADER, ...rows]).join('\n')}\n${credentialLines(servers, zone)}`;
}

/** A line for each credential of the company that does not open its server. */
function credentialLines(servers: readonly ListedServer[], zone: TimeZone): string {
  const failing = servers.flatMap(({ id, credentials }) =>
    credentials
      .filter(({ state }) => state === 'refused' || state === 'unavailable')
      .map((credential) => ({ id, credential })),
  );
  return failing
    .map(({ id, credential: { kind, state, since, detail } }) => {
      const when = since === null ? '' : ` since ${clockText(Date.parse(since), zone)}`;
      return `\nCredential of ${id} (${kind}): ${state}${when}\n  ${printable(detail ?? '')}\n`;
    })
    .join('');
}

/** A line a tool: what it does by the settings and by its server's own annotations, and whether a definition of it waits. */
export function printTools(tools: ToolEffects['tools']): string {
  const rows = tools.map(({ tool, effect, suggestedEffect, reviewed }) => [
    printable(tool),
    effect ?? 'destroy (not set)',
    suggestedEffect,
    reviewed ? 'yes' : 'no',
  ]);
  const unset = tools.some(({ effect }) => effect === null);
  const next = unset
    ? `Print what they suggest for mcp-sso.yaml: mcp-sso reviews effects --server ${tools[0]?.server}\n`
    : '';
  return `${alignColumns([['TOOL', 'EFFECT', 'SUGGESTED', 'REVIEWED'], ...rows]).join('\n')}\n${next}\n`;
}

/** The lines of a hosted server, with the process that said each. */
export function printOutput(lines: ServerOutput['lines'], zone: TimeZone): string {
  if (lines.length === 0) return 'It has said nothing since the control plane started.\n';
  return lines
    .map(({ at, pid, text }) => `${clockText(Date.parse(at), zone)}  ${pid ?? '-'}  ${printable(text)}\n`)
    .join('');
}
