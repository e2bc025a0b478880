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
  return `${alignColumns([HEADER, ...rows]).join('\n')}\n`;
}

/** The lines of a hosted server, with the process that said each. */
export function printOutput(lines: ServerOutput['lines'], zone: TimeZone): string {
  if (lines.length === 0) return 'It has said nothing since the control plane started.\n';
  return lines
    .map(({ at, pid, text }) => `${clockText(Date.parse(at), zone)}  ${pid ?? '-'}  ${printable(text)}\n`)
    .join('');
}
