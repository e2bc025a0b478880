import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { BodyConsumer, ResponseBody } from './exchange.js';
import { ResumableBody } from './resumable-body.js';

/** A stream of the server, on which the test speaks. */
class SpokenBody implements ResponseBody {
  aborted = false;
  #consumer: BodyConsumer | undefined;

  read(consumer: BodyConsumer): void {
    this.#consumer = consumer;
  }

  resume(): void {}

  abort(): void {
    this.aborted = true;
  }

  /** Says it in pieces of `size` bytes, and then is cut. */
  saysAndEnds(text: string, size = 1_000_000): void {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += size) this.#consumer!.data(bytes.subarray(at, at + size));
    this.#consumer!.end();
  }
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp() {
  const streams = [new SpokenBody()];
  const asked: string[] = [];
  const heard = { text: '', over: '' };
  const reopen = (id: string): Promise<ResponseBody> => {
    asked.push(id);
    streams.push(new SpokenBody());
    return Promise.resolve(streams.at(-1)!);
  };
  const body = new ResumableBody(streams[0]!, reopen, new AbortController().signal);
  body.read({
    data: (chunk) => (heard.text += chunk.toString()) !== '',
    end: () => (heard.over = 'end'),
    failed: () => (heard.over = 'failed'),
  });
  return { streams, asked, heard, body };
}

const FIRST = 'id: e1\ndata: one\n\n';
const SECOND = 'id: e2\ndata: two\n\n';

test.each([1, 7, 1_000])(
  'a cut in the middle of an event, anywhere, loses and doubles nothing (pieces of %i)',
  async (size) => {
    for (let cut = 0; cut < SECOND.length; cut += 1) {
      const { streams, asked, heard } = setUp();
      streams[0]!.saysAndEnds(FIRST + SECOND.slice(0, cut), size);
      await vi.advanceTimersByTimeAsync(1_000);
      streams[1]!.saysAndEnds(SECOND, size);
      expect([cut, asked[0], heard.text]).toEqual([cut, 'e1', FIRST + SECOND]);
    }
  },
);

test('a stream without ids passes as it comes', () => {
  const { heard, streams } = setUp();
  streams[0]!.saysAndEnds(':');
  expect(heard.text).toBe(':');
});

test('an id counts where its event ends, also one without data', async () => {
  const { streams, asked } = setUp();
  streams[0]!.saysAndEnds('id: e1\r\n\r\nid: e2\r\n');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(asked).toEqual(['e1']);
});

test('what is too large to be held flows, and a cut in it ends the answer', () => {
  const { streams, asked, heard } = setUp();
  const large = `id: e2\ndata: ${'x'.repeat(100_000)}`;
  streams[0]!.saysAndEnds(FIRST + large, 1_000);
  expect([heard.over, heard.text.length > 64 * 1024, asked]).toEqual(['end', true, []]);
});

test('however soon the server wants to be asked again, there is a pause, and the tries are counted', async () => {
  const { streams, asked, heard } = setUp();
  streams[0]!.saysAndEnds(`retry: 0\n${FIRST}`);
  await vi.advanceTimersByTimeAsync(499);
  expect(asked).toEqual([]);
  for (let time = 0; time < 10; time += 1) {
    await vi.advanceTimersByTimeAsync(500);
    if (heard.over === '') streams.at(-1)!.saysAndEnds('retry: 0\n\n');
  }
  expect([asked.length, heard.over]).toEqual([5, 'end']);
});

test('once the response was read, the end of the stream is the end', async () => {
  const { streams, asked, heard, body } = setUp();
  body.settled();
  streams[0]!.saysAndEnds(FIRST);
  await vi.advanceTimersByTimeAsync(60_000);
  expect([asked, heard.over]).toEqual([[], 'end']);
});
