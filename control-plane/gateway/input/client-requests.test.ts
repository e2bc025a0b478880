import { expect, test } from 'vitest';
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
