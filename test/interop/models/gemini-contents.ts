import { objectsIn, type ModelApi } from './model-api.js';

/** Google's Gemini API (ai.google.dev, models.streamGenerateContent). */
export const GEMINI: ModelApi = {
  path: /^\/v1(beta)?\/models\/[^/]+:streamGenerateContent(\?|$)/,
  read: ({ tools, contents }) => {
    const parts = objectsIn(contents).flatMap((content) => objectsIn(content['parts']));
    const answered = parts.find((part) => 'functionResponse' in part);
    return {
      tools: objectsIn(tools).flatMap((tool) =>
        objectsIn(tool['functionDeclarations']).map(({ name }) => ({ name: String(name) })),
      ),
      result: answered && JSON.stringify(answered['functionResponse']),
    };
  },
  call: ({ name }, args) => answer({ functionCall: { name, args } }),
  say: (text) => answer({ text }),
};

function answer(part: object): object[] {
  const usageMetadata = { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 };
  return [
    { candidates: [{ content: { role: 'model', parts: [part] }, finishReason: 'STOP', index: 0 }], usageMetadata },
  ];
}
