import type { ExportList } from '#shared/api/exports.js';
import { printable } from '../../system/printable.js';
import { clockText } from '../../time-phrases/clock-text.js';
import type { TimeZone } from '../../time-phrases/time-zone.js';
import { alignColumns } from '../table.js';

const EXPORT_HEADER = ['EXPORT', 'KIND', 'NEXT RECORD', 'WAITING', 'SECONDS BEHIND', 'FAILING SINCE'];
const CHECKPOINT_HEADER = ['CHECKPOINTS TO', 'KIND', 'RECORDS COVERED', 'WAITING', 'SECONDS BEHIND'];

/** A line an export and a line a place for checkpoints, at most 120 columns, no colours; why one fails below. */
export function printExports({ exports, checkpoints }: ExportList, zone: TimeZone): string {
  const parts = [exportLines(exports, zone), checkpointLines(checkpoints), ...exports.flatMap(failureLines)];
  if (exports.length + checkpoints.length > 0) parts.push([`Times are ${zone.name}.`]);
  return `${parts.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function exportLines(exports: ExportList['exports'], zone: TimeZone): string[] {
  if (exports.length === 0) return ['No record leaves the box: `audit.export` of mcp-sso.yaml names no sink.'];
  const rows = exports.map(({ name, kind, next, waiting, lagSeconds, failingSince }) => [
    printable(name),
    printable(kind),
    String(next),
    String(waiting),
    String(Math.round(lagSeconds)),
    failingSince === null ? '-' : clockText(Date.parse(failingSince), zone),
  ]);
  return alignColumns([EXPORT_HEADER, ...rows]);
}

function checkpointLines(places: ExportList['checkpoints']): string[] {
  if (places.length === 0)
    return ['No checkpoint leaves the box: `audit.checkpoints.to` of mcp-sso.yaml names no place.'];
  const rows = places.map(({ name, kind, size, waiting, lagSeconds }) => [
    printable(name),
    printable(kind),
    size === null ? '-' : String(size),
    String(waiting),
    String(Math.round(lagSeconds)),
  ]);
  return alignColumns([CHECKPOINT_HEADER, ...rows]);
}

function failureLines({ name, failure }: ExportList['exports'][number]): string[][] {
  if (failure === null) return [];
  return [[`The export ${printable(name)} takes nothing:`, `  ${printable(failure)}`]];
}
