/** What speaks against a name in the settings; the shape that `config` prints. */
export interface Objection {
  readonly message: string;
  readonly fix: string;
}

// RFC 9110 §5.6.2
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Framing, routing and protocol headers: set by the gateway or by nobody. */
const RESERVED = new Set([
  'accept',
  'accept-charset',
  'accept-encoding',
  'accept-language',
  'cache-control',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'date',
  'dpop',
  'expect',
  'forwarded',
  'host',
  'http2-settings',
  'keep-alive',
  'last-event-id',
  'origin',
  'referer',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'via',
]);
const RESERVED_PREFIXES = ['mcp-', 'proxy-', 'sec-', 'x-forwarded-', ':'];

/** Ours, beside the protocol's. */
const OWN = 'mcp-sso-assertion';

/** Why a credential may not travel in this header, or undefined where it may. */
export function headerNameObjection(name: string): Objection | undefined {
  const lower = name.toLowerCase();
  if (lower === OWN) return undefined;
  if (RESERVED.has(lower) || RESERVED_PREFIXES.some((prefix) => lower.startsWith(prefix))) {
    return {
      message: `the header ${lower.replaceAll(/[^!-~]/g, '?')} belongs to HTTP or MCP itself`,
      fix: 'name the header that the server reads its key from, such as x-api-key',
    };
  }
  if (TOKEN.test(name)) return undefined;
  return { message: 'not a header name', fix: 'use letters, digits and dashes' };
}
