import { isIPv4, isIPv6 } from 'node:net';
import type { RecordFacts } from '../../record.js';
import type { ExportedRecord } from '../exported-record.js';
import { targetOf } from '../target-of.js';
import { statusOf } from './ocsf/status.js';

/** Of the form of our events, for the field "Device Version". */
const VERSION = '1';
/** CEF's 0 to 10 for `severity_id` of OCSF. */
const SEVERITIES: Readonly<Record<number, number>> = { 1: 2, 2: 5, 4: 8 };

/** What no reader sees, and what cuts a text off, breaks its line or turns its direction. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

type Extension = readonly (readonly [key: string, value: string | number | undefined])[];

/**
 * One record in the ArcSight Common Event Format, version 0 (CEF Implementation Standard, revision 27): a summary. What
 * has no key of CEF is not in it.
 */
export function cef(record: ExportedRecord): string {
  const { type } = record.header;
  const { status, severity_id: severity } = statusOf(record);
  const head = ['CEF:0', 'mcp-sso', 'mcp-sso', VERSION, type, nameOf(record), SEVERITIES[severity] ?? 2];
  const extension = extensionOf(record, status).flatMap(([key, value]) =>
    value === undefined || value === '' ? [] : [`${key}=${inExtension(String(value))}`],
  );
  return `${head.map((field) => inHeader(String(field))).join('|')}|${extension.join(' ')}`;
}

function nameOf({ header: { type, phase } }: ExportedRecord): string {
  return phase === 'event' ? type : `${type} ${phase}`;
}

function extensionOf({ idx, header, personal }: ExportedRecord, outcome: string): Extension {
  const facts = header.facts as RecordFacts;
  const { address = '' } = personal;
  return [
    ['rt', header.ts],
    ['externalId', header.id],
    ['cat', header.type],
    ['deviceExternalId', facts.replica],
    ['outcome', outcome],
    ['suid', facts.person],
    ['suser', personal.email ?? personal.name],
    ['duid', facts.affected],
    ['src', isIPv4(address) ? address : undefined],
    ['spt', personal.port],
    ['dhost', facts.serverHost === undefined ? undefined : URL.parse(`http://${facts.serverHost}`)?.hostname],
    ...labelled('c6a2', 'Source IPv6 Address', isIPv6(address) ? address : undefined),
    ['requestClientApplication', facts.client],
    ...labelled('flexString1', 'claimedClient', personal.claimedClient?.name),
    ['destinationServiceName', facts.server],
    ['act', targetOf(facts, personal)],
    ['reason', facts.code ?? facts.outcome],
    ['msg', personal.reason],
    ...labelled('cn1', 'index', idx),
    ...labelled('cn2', 'durationMs', facts.durationMs === undefined ? undefined : Math.round(facts.durationMs)),
    ...labelled('cs1', 'decision', facts.decision),
    ...labelled('cs2', 'policies', facts.policies?.join(',')),
    ...labelled('cs3', 'session', facts.session),
    ...labelled('cs4', 'intent', header.ref),
    ...labelled('cs5', 'groups', personal.groups?.join(',')),
    ...labelled('cs6', 'trace', facts.trace),
  ];
}

function labelled(key: string, label: string, value: string | number | undefined): Extension {
  return value === undefined || value === ''
    ? []
    : [
        [key, value],
        [`${key}Label`, label],
      ];
}

function inHeader(text: string): string {
  return text
    .replaceAll(/[\\|]/g, String.raw`\$&`)
    .replaceAll(/[\r\n]+/g, ' ')
    .replaceAll(UNSEEN, '\ufffd');
}

function inExtension(text: string): string {
  return text
    .replaceAll(/[\\=]/g, String.raw`\$&`)
    .replaceAll('\r', String.raw`\r`)
    .replaceAll('\n', String.raw`\n`)
    .replaceAll(UNSEEN, '\ufffd');
}
