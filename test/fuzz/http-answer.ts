/** An HTTP answer as it came over a socket. */
export interface HttpOutcome {
  readonly status: number;
  /** Without parameters, lower-case; empty where there is none. */
  readonly type: string;
  readonly body: string;
  /** Nothing of it is missing. */
  readonly complete: boolean;
  /** Every byte of it. */
  readonly raw: string;
}

const HEAD_END = '\r\n\r\n';

/** The first answer that is not merely interim (RFC 9110 §15.2); undefined where the bytes are none. */
export function answerIn(bytes: Buffer): HttpOutcome | undefined {
  let rest = bytes;
  for (;;) {
    const end = rest.indexOf(HEAD_END);
    if (end < 0) return undefined;
    const [statusLine = '', ...lines] = rest.subarray(0, end).toString('latin1').split('\r\n');
    const [, status = ''] = /^HTTP\/1\.1 (\d{3})/.exec(statusLine) ?? [];
    if (status === '') return undefined;
    rest = rest.subarray(end + HEAD_END.length);
    if (status.startsWith('1')) continue;
    const headers = new Map(lines.map((line) => [nameOf(line), line.slice(line.indexOf(':') + 1).trim()]));
    const chunked = headers.get('transfer-encoding') === 'chunked';
    const { body, complete } = chunked ? dechunked(rest) : lengthOf(rest, headers.get('content-length'));
    const type = mediaType(headers.get('content-type'));
    return { status: Number(status), type, body: body.toString(), complete, raw: bytes.toString() };
  }
}

export function mediaType(line: string | undefined): string {
  return line?.split(';')[0]!.trim().toLowerCase() ?? '';
}

function nameOf(line: string): string {
  return line.slice(0, line.indexOf(':')).toLowerCase();
}

function lengthOf(bytes: Buffer, length: string | undefined): { body: Buffer; complete: boolean } {
  if (length === undefined) return { body: bytes, complete: true };
  return { body: bytes.subarray(0, Number(length)), complete: bytes.length >= Number(length) };
}

function dechunked(bytes: Buffer): { body: Buffer; complete: boolean } {
  const chunks: Buffer[] = [];
  let rest = bytes;
  for (;;) {
    const end = rest.indexOf('\r\n');
    const size = Number.parseInt(rest.subarray(0, Math.max(0, end)).toString('latin1'), 16);
    if (end < 0 || Number.isNaN(size)) return { body: Buffer.concat(chunks), complete: false };
    if (size === 0) return { body: Buffer.concat(chunks), complete: true };
    chunks.push(rest.subarray(end + 2, end + 2 + size));
    rest = rest.subarray(end + 2 + size + 2);
  }
}
