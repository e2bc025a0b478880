import { objectsIn, type ModelApi } from './model-api.js';

/** Anthropic's Messages API (docs.anthropic.com, Streaming Messages). */
export const ANTHROPIC: ModelApi = {
  path: /^\/v1\/messages(\?|$)/,
  read: ({ tools, messages }) => {
    const last = objectsIn(objectsIn(messages).at(-1)?.['content']).find(({ type }) => type === 'tool_result');
    return {
      tools: objectsIn(tools).map(({ name }) => ({ name: String(name) })),
      result: last && JSON.stringify(last['content']),
    };
  },
  call: ({ name }, input) =>
    message(
      { type: 'tool_use', id: 'toolu_1', name, input: {} },
      { type: 'input_json_delta', partial_json: JSON.stringify(input) },
      'tool_use',
    ),
  say: (text) => message({ type: 'text', text: '' }, { type: 'text_delta', text }, 'end_turn'),
};

function message(block: object, delta: object, reason: string): object[] {
  const usage = { input_tokens: 1, output_tokens: 1 };
  const start = { id: 'msg_1', type: 'message', role: 'assistant', model: 'scripted', content: [], usage };
  return [
    { type: 'message_start', message: { ...start, stop_reason: null, stop_sequence: null } },
    { type: 'content_block_start', index: 0, content_block: block },
    { type: 'content_block_delta', index: 0, delta },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: reason, stop_sequence: null }, usage: { output_tokens: 1 } },
    { type: 'message_stop' },
  ];
}
