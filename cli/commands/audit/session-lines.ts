import type { AuditSession, SessionEdge, SessionNode } from '#shared/api/audit-session.js';
import { printable } from '../../system/printable.js';
import { clockText } from '../../time-phrases/clock-text.js';
import type { TimeZone } from '../../time-phrases/time-zone.js';
import { cut } from '../table.js';

const WIDTH = 120;
const MAX_TEXT = 60;

interface Signs {
  readonly branch: string;
  readonly last: string;
  readonly pass: string;
  readonly marks: Readonly<Record<SessionEdge['mark'], string>>;
}

const DRAWN: Signs = {
  branch: '├─ ',
  last: '└─ ',
  pass: '│  ',
  marks: { verified: '✓', attested: '◆', claimed: '?' },
};
const PLAIN: Signs = {
  branch: '|- ',
  last: '`- ',
  pass: '|  ',
  marks: { verified: 'v', attested: 'a', claimed: '?' },
};
const GAP = '   ';

/** The trees of one session as text of at most 120 columns, and how to read them. `plain`: ASCII alone. */
export function drawSession(session: AuditSession, zone: TimeZone, plain: boolean): string {
  const { id, nodes, truncated } = session;
  const signs = plain ? PLAIN : DRAWN;
  const trees = treeLines(session, signs, zone);
  const text = `${[heading(id, nodes, zone), '', ...trees, '', ...legend(signs, truncated)].join('\n')}\n`;
  return plain ? text.replaceAll(/[^\n\x20-\x7e]/g, '?') : text;
}

function treeLines({ nodes, edges }: AuditSession, signs: Signs, zone: TimeZone): string[] {
  const lines: string[] = [];
  const below = Map.groupBy(edges, ({ from }) => from);
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const draw = (node: SessionNode, start: string, indent: string): void => {
    lines.push(cut(start + textOf(node, zone), WIDTH));
    const children = below.get(node.id) ?? [];
    for (const [index, { to, mark }] of children.entries()) {
      const isLast = index === children.length - 1;
      const child = byId.get(to);
      const branch = `${indent}${isLast ? signs.last : signs.branch}${signs.marks[mark]} `;
      if (child !== undefined) draw(child, branch, indent + (isLast ? GAP : signs.pass));
    }
  };
  for (const node of nodes) if (node.kind === 'person') draw(node, '', '');
  return lines;
}

function heading(id: string, nodes: readonly SessionNode[], zone: TimeZone): string {
  const calls = nodes.filter(({ kind }) => kind === 'call');
  const start = Math.min(...calls.map((call) => Date.parse(call.start)));
  const end = Math.max(...calls.map((call) => Date.parse(call.end)));
  const count = calls.length === 1 ? '1 call' : `${calls.length} calls`;
  const period = `${clockText(start, zone)} to ${clockText(end, zone)}, ${durationText(end - start)}`;
  return `${short(id)}: ${count}, ${period}. Times are ${zone.name}.`;
}

function textOf(node: SessionNode, zone: TimeZone): string {
  const { kind, ref, label, call } = node;
  const name = short(ref ?? 'without an id');
  if (call !== null) return callText(node, call, zone);
  if (kind === 'person') return short(label ?? ref ?? 'nobody');
  if (kind === 'actor') return `on behalf, ${name}`;
  if (kind === 'session') return `sign-in ${name}${label === null ? '' : ` (${short(label)})`}`;
  const what = kind === 'conversation' ? `${short(label ?? 'app')} session ${name}` : nameOf(node, name);
  return `${what}, ${durationText(Date.parse(node.end) - Date.parse(node.start))}`;
}

function nameOf({ kind, label }: SessionNode, name: string): string {
  return kind === 'bridge' ? `bridge ${name}` : `agent ${label === null ? '' : `${short(label)} `}${name}`;
}

function callText({ start }: SessionNode, call: NonNullable<SessionNode['call']>, zone: TimeZone): string {
  const { server, target, decision, outcome, duration } = call;
  const [, clock = ''] = clockText(Date.parse(start), zone).split(' ');
  const decided = `${decision ?? '-'}${outcome === null ? '' : ` (${outcome})`}`;
  const took = duration === null ? '' : `  ${durationText(duration)}`;
  return `${clock}  ${short([server, target].filter((part) => part !== null).join('/'))}  ${decided}${took}`;
}

/** Milliseconds up to a second, then seconds, then minutes. */
function durationText(milliseconds: number): string {
  if (milliseconds < 1_000) return `${milliseconds} ms`;
  const seconds = Math.round(milliseconds / 1_000);
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}

function legend({ marks }: Signs, truncated: boolean): string[] {
  return [
    ...(truncated ? ['More calls belong to it than are shown: these are the earliest.'] : []),
    `${marks.verified} verified: proved by a token   ${marks.attested} attested: said by the bridge of the person   ${marks.claimed} claimed: said by the app alone`,
  ];
}

function short(text: string): string {
  return cut(printable(text), MAX_TEXT);
}
