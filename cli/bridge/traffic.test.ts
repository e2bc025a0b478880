import { once } from 'node:events';
import { expect, test } from 'vitest';
import { event, stream, succeed } from './testing/control-plane.js';
import { stage } from './testing/stage.js';

test('the ids 1 and "1" are two requests; an id in flight is not taken twice', async () => {
  const both = Promise.withResolvers<void>();
  await using at = await stage(async (received, response) => {
    if (at.plane.received.length === 2) both.resolve();
    await both.promise;
    succeed(received, response, { kind: typeof received.message['id'] });
  });
  at.app.send({ id: 1, method: 'x/y' });
  expect(await at.app.ask({ id: 1, method: 'x/y' })).toMatchObject({ id: null, error: { code: -32600 } });
  at.app.send({ id: '1', method: 'x/y' });
  const answers = [await at.app.next(), await at.app.next()];
  expect(answers).toContainEqual({ jsonrpc: '2.0', id: 1, result: { kind: 'number' } });
  expect(answers).toContainEqual({ jsonrpc: '2.0', id: '1', result: { kind: 'string' } });
});

test('a cancelled request is aborted at the control plane and gets no answer', async () => {
  const arrived = Promise.withResolvers<void>();
  const aborted = Promise.withResolvers<void>();
  await using at = await stage((received, response) => {
    if (received.message['method'] === 'x/y') return succeed(received, response, {});
    response.once('close', () => aborted.resolve());
    return arrived.resolve();
  });
  at.app.send({ id: 0, method: 'tools/call', params: { name: 'slow' } });
  await arrived.promise;
  at.app.send({ method: 'notifications/cancelled', params: { requestId: '0' } });
  at.app.send({ method: 'notifications/cancelled', params: { requestId: 0, reason: 'changed my mind' } });
  await aborted.promise;
  expect(await at.app.ask({ id: 1, method: 'x/y' })).toMatchObject({ id: 1, result: {} });
  await at.app.quit();
  expect(at.app.untaken).toEqual([]);
});

test('the 257th request at once is refused, the others are answered', async () => {
  const all = Promise.withResolvers<void>();
  await using at = await stage(async (received, response) => {
    if (at.plane.received.length === 256) all.resolve();
    await all.promise;
    succeed(received, response, {});
  });
  for (let id = 1; id <= 257; id += 1) at.app.send({ id, method: 'x/y' });
  expect(await at.app.next()).toMatchObject({ id: 257, error: { code: -31429 } });
  const ids = new Set<unknown>();
  for (let count = 1; count <= 256; count += 1) ids.add((await at.app.next())['id']);
  expect(ids.size).toBe(256);
});

test('large messages pass whole and in order, however slowly the app reads', async () => {
  const data = 'x'.repeat(8 * 1024 * 1024);
  await using at = await stage((received, response) => {
    stream(response);
    for (let part = 0; part < 4; part += 1) {
      event(response, { jsonrpc: '2.0', method: 'notifications/message', params: { part, data } });
    }
    event(response, { jsonrpc: '2.0', id: received.message['id'], result: { resultType: 'complete', data } });
    response.end();
  });
  at.app.stdout.pause();
  at.app.send({ id: 1, method: 'x/y' });
  await once(at.app.stdout, 'readable');
  at.app.stdout.resume();
  for (let part = 0; part < 4; part += 1) expect(await at.app.next()).toMatchObject({ params: { part } });
  expect(await at.app.next()).toEqual({ jsonrpc: '2.0', id: 1, result: { data } });
});

test('the connection is used again after a stream', async () => {
  const ports = new Set<number | undefined>();
  await using at = await stage((received, response, request) => {
    ports.add(request.socket.remotePort);
    stream(response);
    event(response, { jsonrpc: '2.0', id: received.message['id'], result: { resultType: 'complete' } });
    response.end();
  });
  for (let id = 1; id <= 3; id += 1) await at.app.ask({ id, method: 'x/y' });
  expect(ports.size).toBe(1);
});

test('the log holds neither tokens nor arguments nor results', async () => {
  await using at = await stage((received, response) => {
    if (received.message['method'] === 'x/break') response.destroy();
    else succeed(received, response, { content: [{ type: 'text', text: 'RESULT' }] });
  });
  const params = { name: 'x', arguments: { secret: 'ARGUMENT' } };
  await at.app.ask({ id: 1, method: 'tools/call', params });
  await at.app.ask({ id: 2, method: 'x/break', params });
  const log = at.app.log.join('');
  expect(log).toContain('method=tools/call');
  expect(log).toContain('code=outcome_unknown');
  for (const secret of ['good', 'ARGUMENT', 'RESULT']) expect(log).not.toContain(secret);
});

test('every line on stdout is one JSON-RPC message', async () => {
  await using at = await stage((received, response) => succeed(received, response, {}));
  at.app.send('not json');
  at.app.send('[]');
  at.app.send(`{"x":"${'y'.repeat(16 * 1024 * 1024)}"}`);
  at.app.send({ id: 9, method: 'x/y' });
  const codes = [await at.app.next(), await at.app.next(), await at.app.next()];
  expect(codes).toMatchObject([
    { id: null, error: { code: -32700 } },
    { id: null, error: { code: -32600 } },
    { id: null, error: { code: -31413 } },
  ]);
  expect(await at.app.next()).toMatchObject({ id: 9 });
  for (const line of at.app.lines) expect(JSON.parse(line)).toMatchObject({ jsonrpc: '2.0' });
});
