import { expect, test } from 'vitest';
import type { CallApi } from '../api-answer.js';
import type { CommandContext } from '../context.js';
import { decideReview } from './decide.js';
import { printEffects } from './effects.js';
import { exportLock } from './export.js';
import { listReviews } from './list.js';
import { showReview } from './show.js';

const SHA = 'a1'.repeat(32);
const REVIEW = {
  server: 'crm',
  tool: 'list/all',
  sha256: SHA,
  state: 'pending',
  reviewed: false,
  firstSeenAt: '2026-11-23T12:00:00.000Z',
  lastSeenAt: '2026-11-23T12:00:00.000Z',
  decidedAt: null,
  decidedBy: null,
  suggestedEffect: 'read',
};
const CHANGES = [{ at: 'description', kind: 'changed', text: 'Lists.{+\u001b[8m\nhidden+}' }];

function stand(reviews: object[] = [REVIEW], interactive = true) {
  const sent: unknown[] = [];
  let [out, said] = ['', ''];
  const call: CallApi = async (method, path, content) => {
    if (method === 'POST') {
      sent.push(content);
      return { server: 'crm', tool: 'list/all', reviewed: true };
    }
    if (path.includes('/problems')) return { problems: ['policies/a.cedar:1:1 p: no \u001b[8margument'] };
    if (path.includes('/effects')) return { tools: [], yaml: 'servers: {}\n' };
    if (path.includes('/lock')) return { text: 'version: 1\n' };
    if (path.includes('/definition')) {
      return { review: REVIEW, comparedWith: null, changes: CHANGES, more: 0, hidden: ['U+001B'] };
    }
    return { reviews, more: false };
  };
  const context = {
    json: false,
    interactive,
    stdout: (text: string) => void (out += text),
    stderr: (text: string) => void (said += text),
  } as unknown as CommandContext;
  return { call, context, sent, out: () => out, said: () => said };
}

test('the list and one definition are printed, and nothing in it steers the terminal', async () => {
  const { context, call, out } = stand();
  expect(await listReviews(context, { state: 'pending', tz: 'UTC' }, call)).toBe(0);
  expect(await showReview(context, 'crm/list/all', { tz: 'UTC' }, call)).toBe(0);
  expect(out()).toContain('crm/list/all');
  expect(out()).toContain('U+001B');
  expect(out()).not.toContain('\u001b');
  expect(await exportLock(context, {}, call)).toBe(0);
  expect(out()).toContain('version: 1');
  expect(await printEffects(context, { server: 'crm' }, call)).toBe(0);
  expect(out()).toContain('servers: {}');
  expect(out()).toContain('which is denied until they do:\n  policies/a.cedar:1:1 p: no \ufffd[8margument\n');
});

test('what was shown is what is decided about, once the person agrees', async () => {
  const { context, call, sent, said } = stand();
  expect(await decideReview(context, 'accept', 'crm/list/all', {}, call, async () => false)).toBe(1);
  expect(sent).toEqual([]);
  expect(await decideReview(context, 'accept', 'crm/list/all', {}, call, async () => true)).toBe(0);
  expect(sent).toEqual([{ server: 'crm', tool: 'list/all', sha256: SHA, from: 'pending', to: 'accepted' }]);
  expect(said()).toContain(SHA);
});

test('without anybody to ask, the hash has to be named, and it has to name one definition', async () => {
  const none = stand([REVIEW], false);
  await expect(decideReview(none.context, 'accept', 'crm/list/all', {}, none.call)).rejects.toThrow('--sha256');
  await expect(decideReview(none.context, 'accept', 'crm/list/all', { yes: true }, none.call)).rejects.toThrow(
    '--sha256',
  );
  const two = stand([REVIEW, { ...REVIEW, sha256: 'a2'.repeat(32) }]);
  const both = { sha256: 'a', yes: true };
  await expect(decideReview(two.context, 'reject', 'crm/list/all', both, two.call)).rejects.toThrow('Several');
  expect(await decideReview(two.context, 'reject', 'crm/list/all', { sha256: 'a1', yes: true }, two.call)).toBe(0);
  expect(two.sent).toMatchObject([{ sha256: SHA, to: 'rejected' }]);
});
