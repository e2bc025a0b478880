import { expect, test } from 'vitest';
import { parseExactly } from '#shared/mcp/exact-json.js';
import type { JsonObject } from '#shared/mcp/json-rpc.js';
import { ClientRequests } from './client-requests.js';

test('a client, and all clients, have so many questions waiting, and an answer makes room', async () => {
  const requests = new ClientRequests({ questionsPerClient: 1, questions: 2 });
  const { signal } = new AbortController();
  const sent: string[] = [];
  const ask = (client: string) => requests.ask(client, {}, ({ id }) => sent.push(String(id)), signal);
  const first = ask('a');
  await expect(ask('a')).rejects.toThrow(
    '1 questions wait for an answer of this client, which is the limit (limits.questionsPerClient).',
  );
  const second = ask('b');
  await expect(ask('c')).rejects.toThrow('(limits.questions)');
  requests.answer('a', { id: sent[0]!, result: {} });
  expect(await first).toMatchObject({ result: {} });
  const third = ask('a');
  for (const [client, id] of [['b', sent[1]!] as const, ['a', sent[2]!] as const]) requests.answer(client, { id });
  await Promise.all([second, third]);
});

test('a response under an id that is no text is nobody’s', () => {
  const requests = new ClientRequests({ questionsPerClient: 1, questions: 1 });
  for (const id of ['1.0', '12345678901234567890', '{"toString":1,"valueOf":1}', 'null']) {
    const response = parseExactly(`{"jsonrpc":"2.0","id":${id},"result":{}}`) as JsonObject;
    expect(() => requests.answer('sid', response)).not.toThrow();
  }
});
