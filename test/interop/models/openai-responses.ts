import { objectsIn, type ModelApi } from './model-api.js';

/** OpenAI's Responses API (platform.openai.com, Streaming events). */
export const OPENAI: ModelApi = {
  path: /^\/v1\/responses(\?|$)/,
  read: ({ tools, input }) => ({
    tools: objectsIn(tools).flatMap(({ type, name, tools: members }) =>
      type === 'namespace'
        ? objectsIn(members).map((one) => ({ name: String(one['name']), namespace: String(name) }))
        : [{ name: String(name) }],
    ),
    result: resultOf(objectsIn(input)),
  }),
  call: ({ name, namespace }, input) =>
    response({
      type: 'function_call',
      id: 'fc_1',
      call_id: 'call_1',
      name,
      ...(namespace === undefined ? {} : { namespace }),
      arguments: JSON.stringify(input),
    }),
  say: (text) =>
    response({ type: 'message', id: 'msg_1', role: 'assistant', content: [{ type: 'output_text', text }] }),
};

function resultOf(input: readonly { readonly [key: string]: unknown }[]): string | undefined {
  const output = input.find(({ type }) => type === 'function_call_output');
  return output && JSON.stringify(output['output']);
}

function response(item: object): object[] {
  const usage = { input_tokens: 1, output_tokens: 1, total_tokens: 2 };
  return [
    { type: 'response.created', response: { id: 'resp_1' } },
    { type: 'response.output_item.done', output_index: 0, item },
    { type: 'response.completed', response: { id: 'resp_1', usage } },
  ];
}
