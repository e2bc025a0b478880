// What a broken or hostile MCP server may answer to a call, in place of an answer. `lot` chooses.
// Each gives the pieces that are written, and over HTTP the head that they are written under.

const JSON_HEAD = { 'content-type': 'application/json' };
const SSE_HEAD = { 'content-type': 'text/event-stream' };

/** Messages by themselves: the same over HTTP and stdio. */
const MESSAGES = [
  ({ marker }) => ({ jsonrpc: '2.0', result: text(marker) }),
  ({ marker }) => ({ jsonrpc: '2.0', id: null, result: text(marker) }),
  ({ marker }) => ({ jsonrpc: '2.0', id: 4711, result: text(marker) }),
  ({ marker }) => ({ jsonrpc: '2.0', id: { marker }, result: text(marker) }),
  ({ id, marker }) => ({ jsonrpc: '2.0', id: [id], result: text(marker) }),
  ({ id, marker }) => ({ id, result: text(marker) }),
  ({ id, marker }) => ({ jsonrpc: '1.0', id, result: text(marker) }),
  ({ id, marker }) => ({ jsonrpc: '2.0', id, result: text(marker), error: { code: -1, message: marker } }),
  ({ id }) => ({ jsonrpc: '2.0', id }),
  ({ id }) => ({ jsonrpc: '2.0', id, result: 5 }),
  ({ id }) => ({ jsonrpc: '2.0', id, result: null }),
  ({ id }) => ({ jsonrpc: '2.0', id, result: [] }),
  ({ id, marker }) => ({ jsonrpc: '2.0', id, error: marker }),
  ({ id, marker }) => ({ jsonrpc: '2.0', id, error: { code: marker, message: 5 } }),
  ({ id, marker }) => ({
    jsonrpc: '2.0',
    id,
    error: { code: -31_001, message: marker, data: { code: 'sign_in_needed' } },
  }),
  ({ id, marker }) => ({ jsonrpc: '2.0', id, method: 'tools/call', params: {}, result: text(marker) }),
  ({ id, marker }) => [{ jsonrpc: '2.0', id, result: text(marker) }],
  ({ id, marker }) => ({ jsonrpc: '2.0', id, result: text(`${marker}${'z'.repeat(3_000_000)}`) }),
  ({ id, marker }) => ({ jsonrpc: '2.0', id, result: text(`\0\u202e\ud800${marker}`) }),
  ({ id, marker }) => ({ jsonrpc: '2.0', id, result: { content: marker, isError: 'yes', structuredContent: 1 } }),
  ({ id, marker }) => ({ jsonrpc: '2.0', id, result: { resultType: marker } }),
  ({ id, marker }) => ({ jsonrpc: '2.0', id, result: { resultType: 'input_required', inputRequests: marker } }),
  ({ id }) => ({ jsonrpc: '2.0', id, result: { resultType: 'input_required', inputRequests: { a: 5 } } }),
  ({ id }) => ({ jsonrpc: '2.0', id, result: { resultType: 'input_required', requestState: 5 } }),
  ({ id, marker }) => ({
    jsonrpc: '2.0',
    id,
    result: { resultType: 'input_required', inputRequests: { a: { method: 'x/y', params: { marker } } } },
  }),
];

/** Texts that are no JSON-RPC message, or only nearly. */
const TEXTS = [
  ({ id, marker }) =>
    `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"id":99,"result":{"content":[],"a":"${marker}"},"result":{}}`,
  ({ id, marker }) =>
    `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{"__proto__":{"polluted":1},"content":"${marker}"}}`,
  ({ id }) => `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{"n":[1e400,12345678901234567890,-0,1.0]}}`,
  ({ id }) => `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${'['.repeat(20_000)}${']'.repeat(20_000)}}`,
  ({ id }) => `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}}`,
  ({ id, marker }) => `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{"content":"${marker}`,
  ({ id, marker }) => `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{"content":"${marker}"}}}}`,
  ({ id }) => `\ufeff{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{}}`,
  ({ id, marker }) => `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{"content":"${marker}"} "a" [}`,
  () => '<html><body>It works</body></html>',
  () => 'null',
  () => '"text"',
  () => '',
];

/** What may come before the answer. */
const PREFACES = [
  ({ marker }) => ({
    jsonrpc: '2.0',
    method: 'notifications/progress',
    params: { progressToken: marker, progress: 1 },
  }),
  ({ id }) => ({
    jsonrpc: '2.0',
    method: 'notifications/progress',
    params: { progressToken: `${id}1`, progress: 'x' },
  }),
  ({ marker }) => ({ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'error', data: marker } }),
  ({ marker }) => ({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1, reason: marker } }),
  () => ({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' }),
  ({ marker }) => ({ jsonrpc: '2.0', method: 'notifications/resources/updated', params: { uri: `note:///${marker}` } }),
  ({ marker }) => ({ jsonrpc: '2.0', method: 'x/unknown', params: { marker } }),
  ({ marker }) => ({ jsonrpc: '2.0', id: 'q', method: 'ping', params: { marker } }),
  ({ marker }) => ({ jsonrpc: '2.0', id: 'q', method: 'x/ask', params: { marker } }),
  ({ id, marker }) => ({ jsonrpc: '2.0', id, method: 'roots/list', params: { marker } }),
  ({ marker }) => ({ jsonrpc: '2.0', id: null, method: 'roots/list', params: { marker } }),
  ({ marker }) => ({ jsonrpc: '2.0', id: 'no-such-request', result: { marker } }),
  ({ id, marker }) => ({ jsonrpc: '2.0', id, result: text(marker) }),
  () => '{"jsonrpc":"2.0","method":"notifications/message","params":',
  () => `{"jsonrpc":"2.0","method":"notifications/message","params":{"data":${deep(20_000)}}}`,
  () => `{"jsonrpc":"2.0","method":"notifications/x-deep","params":{"data":${deep(20_000)}}}`,
  () => `{"jsonrpc":"2.0","id":"deep","method":"elicitation/create","params":{"data":${deep(20_000)}}}`,
  () => 'noise that is no JSON',
  () => '5',
];

/** Heads that do not fit, or say that nothing follows; the body is a good answer. */
const HEADS = [
  [202, JSON_HEAD],
  [204, {}],
  [200, { 'content-type': 'text/html' }],
  [200, {}],
  [200, { ...JSON_HEAD, 'content-encoding': 'gzip' }],
  [200, { 'content-type': 'application/json; charset=utf-16' }],
  [302, { location: 'http://127.0.0.1:1/' }],
  [400, JSON_HEAD],
  [401, { ...JSON_HEAD, 'www-authenticate': 'Bearer' }],
  [403, JSON_HEAD],
  [404, JSON_HEAD],
  [409, JSON_HEAD],
  [500, JSON_HEAD],
  [503, { ...JSON_HEAD, 'retry-after': '1' }],
  [599, JSON_HEAD],
];

const LINE_ENDS = ['\n', '\r', '\r\n'];

/** One message for a line of stdio, with what came before it. */
export function crookedLines(request, lot) {
  const preface = lot % 3 === 0 ? [] : [written(PREFACES[lot % PREFACES.length](request))];
  return [...preface, messageOf(request, lot)].map((line) => line.replaceAll('\n', ' '));
}

/** An HTTP answer: status, headers, body, and whether the connection is cut behind it. */
export function crookedResponse(request, lot) {
  const message = messageOf(request, lot);
  const kind = lot % 7;
  if (kind === 0) {
    const [status, headers] = HEADS[Math.floor(lot / 7) % HEADS.length];
    return { status, headers, body: message, cut: false };
  }
  if (kind > 3) return { status: 200, headers: JSON_HEAD, body: message, cut: lot % 5 === 0 };
  const end = LINE_ENDS[lot % LINE_ENDS.length];
  const preface = written(PREFACES[lot % PREFACES.length](request));
  const events = [
    ':comment',
    `id: ${request.marker}${end}retry: 1`,
    `data: ${preface}`,
    `event: message${end}data: ${message}`,
  ];
  return {
    status: 200,
    headers: SSE_HEAD,
    body: events.join(end + end) + (lot % 2 === 0 ? end + end : ''),
    cut: lot % 5 === 0,
  };
}

function messageOf(request, lot) {
  const makers = [...MESSAGES, ...TEXTS];
  return written(makers[lot % makers.length](request));
}

function written(message) {
  return typeof message === 'string' ? message : JSON.stringify(message);
}

function text(content) {
  return { content: [{ type: 'text', text: content }] };
}

function deep(levels) {
  return `${'['.repeat(levels)}${']'.repeat(levels)}`;
}
