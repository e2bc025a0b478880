/** One `traceparent` (W3C Trace Context Level 2 §3.2). */
export interface TraceParent {
  /** 32 and 16 lower-case hexadecimal digits, never all zero. */
  readonly traceId: string;
  readonly parentId: string;
  /** The two flags that exist: sampled (1) and random trace id (2). */
  readonly flags: number;
}

const FORM = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/;
const VERSION_00_LENGTH = 55;
const MAX_TRACEPARENT = 256;
const KNOWN_FLAGS = 0b11;
const ZEROS = /^0+$/;

const MAX_MEMBERS = 32;
/** Characters of a combined `tracestate` that are passed on; entries longer than LONG_MEMBER go first (§3.3.1.5). */
const MAX_TRACESTATE = 512;
const LONG_MEMBER = 128;
const MAX_READ = 8_192;
const MEMBER = /^[a-z0-9][a-z0-9_\-*/@]{0,255}=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;

/** Undefined for whatever is no valid `traceparent`: then there is no parent. */
export function parseTraceparent(value: unknown): TraceParent | undefined {
  if (typeof value !== 'string' || value.length > MAX_TRACEPARENT) return undefined;
  const [, version, traceId = '', parentId = '', flags = ''] = FORM.exec(value) ?? [];
  if (version === undefined || version === 'ff' || ZEROS.test(traceId) || ZEROS.test(parentId)) return undefined;
  if (version === '00' && value.length !== VERSION_00_LENGTH) return undefined;
  return { traceId, parentId, flags: Number.parseInt(flags, 16) & KNOWN_FLAGS };
}

export function formatTraceparent({ traceId, parentId, flags }: TraceParent): string {
  return `00-${traceId}-${parentId}-${flags.toString(16).padStart(2, '0')}`;
}

/** What may be passed on of a `tracestate` (§3.3); undefined where it is malformed or nothing is left. */
export function parseTracestate(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > MAX_READ) return undefined;
  const members = value.split(',').map((member) => member.replaceAll(/^[\t ]+|[\t ]+$/g, ''));
  const given = members.filter((member) => member !== '');
  const keys = new Set(given.map((member) => member.slice(0, member.indexOf('='))));
  if (given.length > MAX_MEMBERS || keys.size < given.length) return undefined;
  if (!given.every((member) => MEMBER.test(member))) return undefined;
  const kept = shortened(given);
  return kept.length === 0 ? undefined : kept.join(',');
}

function shortened(members: readonly string[]): readonly string[] {
  if (members.join(',').length <= MAX_TRACESTATE) return members;
  const kept = members.filter(({ length }) => length <= LONG_MEMBER);
  while (kept.join(',').length > MAX_TRACESTATE) kept.pop();
  return kept;
}
