import type { Script } from './every-kind-servers.js';

/** One message of each kind of MCP, with members that nobody knows wherever there may be some. */
export const APP = { ui: { resourceUri: 'ui://far/app', own: 1 }, 'io.example/tool': 1 };
export const TOOLS = [
  { name: 'get', inputSchema: { type: 'object', 'x-own': 1 }, icons: [{ src: 'data:,', own: 1 }], own: { a: [1] } },
  { name: 'app', inputSchema: { type: 'object' }, outputSchema: { type: 'array' }, _meta: APP },
];
export const RESOURCES = [
  { name: 'a', uri: 'file:///a', size: 1, annotations: { own: 1 } },
  { name: 'app', uri: 'ui://far/app', mimeType: 'text/html;profile=mcp-app', own: 1 },
];
export const TEMPLATES = [
  { name: 't', uriTemplate: 'file:///{path}', own: 1 },
  { name: 'u', uriTemplate: 'db:///{table}' },
];
export const PROMPTS = [
  { name: 'greet', arguments: [{ name: 'who', own: 1 }], title: 'Greet' },
  { name: 'part', _meta: { 'io.example/p': 1 } },
];
export const RESULT = {
  content: [
    { type: 'text', text: 'a', annotations: { priority: 1, own: 2 }, own: 1 },
    { type: 'new-kind', x: [null, 1.5] },
  ],
  structuredContent: { n: [1, null, { resultType: 'kept' }] },
  isError: false,
  _meta: { 'io.example/r': 1 },
  own: 'x',
};
/** `prefix`: what `/mcp` puts before a URI. */
export const LINKS = (prefix: string) => ({
  content: [
    { type: 'resource_link', uri: `${prefix}file:///a`, name: 'a', icons: [{ src: 'https://x/i.png' }] },
    { type: 'resource', resource: { uri: `${prefix}ui://far/app`, text: '<p>', _meta: { ui: { csp: {} } } } },
  ],
});
export const CONTENTS = (prefix: string) => ({
  contents: [{ uri: `${prefix}ui://far/app`, mimeType: 'text/html;profile=mcp-app', text: '<p>', _meta: { ui: {} } }],
});
export const MESSAGES = {
  description: 'd',
  messages: [{ role: 'user', content: { type: 'text', text: 'hi', own: 1 } }],
  own: 2,
};
export const VALUES = { completion: { values: ['xa'], total: 1, hasMore: false, own: 1 } };
export const TASK = { taskId: 't1', status: 'working', ttlMs: 60_000, pollIntervalMs: 500, own: 1 };
export const EVENTS = [
  { method: 'notifications/progress', params: { progressToken: 0, progress: 0.5, total: 1, message: 'half', own: 1 } },
  { method: 'notifications/message', params: { level: 'info', logger: 'l', data: { own: [1] } } },
  { method: 'notifications/io.example/any', params: { own: 1 } },
];
export const QUESTIONS = {
  sample: {
    method: 'sampling/createMessage',
    params: { messages: [{ role: 'user', content: { type: 'text', text: '?' } }], maxTokens: 9, own: 1 },
  },
  form: {
    method: 'elicitation/create',
    params: { mode: 'form', message: 'Which?', requestedSchema: { type: 'object', properties: {} }, own: 1 },
  },
  url: {
    method: 'elicitation/create',
    params: { mode: 'url', message: 'Open.', url: 'https://x.example/', elicitationId: 'e1', own: 1 },
  },
  roots: { method: 'roots/list', params: { _meta: { 'io.example/q': 1 } } },
};
export const ANSWERS = {
  sample: { role: 'assistant', content: { type: 'text', text: '!', own: 1 }, model: 'm', own: 1 },
  form: { action: 'accept', content: { which: 'b' }, own: 1 },
  url: { action: 'accept', own: 1 },
  roots: { roots: [{ uri: 'file:///home', name: 'h', own: 1 }], own: 1 },
};
export const SCRIPT: Script = {
  get: { result: RESULT },
  links: { result: LINKS('') },
  noisy: { events: EVENTS, result: RESULT },
  sample: { question: QUESTIONS.sample },
  form: { question: QUESTIONS.form },
  url: { question: QUESTIONS.url },
  roots: { question: QUESTIONS.roots },
  'resources/read': { result: CONTENTS('') },
  'prompts/get': { result: MESSAGES },
  'completion/complete': { result: VALUES },
  'tasks/get': { result: TASK },
  'far/does': { result: { own: [1, null] } },
  'tools/list': { pages: [{ tools: [TOOLS[0]], nextCursor: 'two', own: 1 }, { tools: [TOOLS[1]] }] },
  'resources/list': { pages: [{ resources: [RESOURCES[0]], nextCursor: 'two' }, { resources: [RESOURCES[1]] }] },
  'resources/templates/list': {
    pages: [{ resourceTemplates: [TEMPLATES[0]], nextCursor: 'two' }, { resourceTemplates: [TEMPLATES[1]] }],
  },
  'prompts/list': { pages: [{ prompts: [PROMPTS[0]], nextCursor: 'two' }, { prompts: [PROMPTS[1]] }] },
};
