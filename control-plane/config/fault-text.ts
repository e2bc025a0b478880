import type { Fault } from './settings.js';

/** `mcp-sso.yaml:12:7 servers.crm.url: not filled in yet → write …` */
export function faultText(fault: Fault): string {
  const key = fault.key === '' ? '' : `${fault.key}: `;
  return printable(`${fault.file}:${fault.line}:${fault.column} ${key}${fault.message} → ${fault.fix}`);
}

/** By file, line and column, as they are read. */
export function sortedFaults(faults: readonly Fault[]): Fault[] {
  return faults.toSorted((a, b) => byText(a.file, b.file) || a.line - b.line || a.column - b.column);
}

function byText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** A key in the file could otherwise steer the terminal. */
function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '\u{fffd}');
}
