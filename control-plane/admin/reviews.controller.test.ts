import { afterAll, beforeAll, expect, test } from 'vitest';
import { DefinitionsService } from '../policy/definitions/definitions.service.js';
import { Company, type SignedIn } from './testing/company.js';

const tool = (description: string) => ({
  name: 'list/all',
  description,
  inputSchema: { type: 'object' },
  annotations: { readOnlyHint: true },
});

interface Listed {
  readonly reviews: { readonly sha256: string; readonly state: string; readonly decidedBy: string | null }[];
}

let company: Company;
let definitions: DefinitionsService;
let approver: SignedIn;

beforeAll(async () => {
  company = await Company.start({ servers: { crm: { url: 'http://127.0.0.1:1/mcp' } } });
  definitions = company.system.app.get(DefinitionsService, { strict: false });
  await definitions.observe('crm', [tool('Lists.')]);
  await definitions.observe('crm', [tool('Lists, and sends it on.\u200b')]);
  approver = await company.administer('approver');
});
afterAll(() => company[Symbol.asyncDispose]());

const at = (path: string, query: Record<string, string> = {}): string =>
  `/api/v1/reviews${path}?${new URLSearchParams(query).toString()}`;
const pending = async (): Promise<Listed> => (await approver.ask('GET', at('', { state: 'pending' }))).body as Listed;
const decide = (by: SignedIn, sha256: string, to: string, from = 'pending') =>
  by.ask('POST', '/api/v1/reviews/decisions', {}, { server: 'crm', tool: 'list/all', sha256, from, to });

test('who may look, and who may decide', async () => {
  const [{ sha256 }] = (await pending()).reviews as [Listed['reviews'][number]];
  for (const [name, reading, deciding] of [
    ['admin', 200, 403],
    ['author', 403, 403],
    ['auditor', 403, 403],
    ['helpdesk', 403, 403],
    ['alice', 403, 403],
  ] as const) {
    const signedIn = await company.administer(name);
    expect([name, (await signedIn.ask('GET', '/api/v1/reviews')).status]).toEqual([name, reading]);
    expect([name, (await decide(signedIn, sha256, 'accepted')).status]).toEqual([name, deciding]);
  }
  company.hire('approver', 1_000);
  const stale = await company.administer('approver', { fresh: false });
  expect((await decide(stale, sha256, 'accepted')).status).toBe(401);
});

test('what is new is shown with what nobody sees, then accepted as it was shown and nothing else', async () => {
  const [{ sha256 }] = (await pending()).reviews as [Listed['reviews'][number]];
  expect(definitions.isReviewed('crm', 'list/all')).toBe(false);
  const shown = await approver.ask('GET', at('/definition', { server: 'crm', tool: 'list/all', sha256 }));
  expect(shown.body).toMatchObject({
    review: { state: 'pending', reviewed: false, suggestedEffect: 'read' },
    changes: [{ at: 'description', kind: 'changed', text: expect.stringContaining('⟨U+200B⟩') as string }],
    hidden: ['U+200B'],
    more: 0,
  });
  const other = 'a'.repeat(64);
  expect((await decide(approver, other, 'accepted')).status).toBe(404);
  expect((await decide(approver, sha256, 'accepted', 'rejected')).body).toMatchObject({ code: 'review_stale' });
  expect(definitions.isReviewed('crm', 'list/all')).toBe(false);
  expect((await decide(approver, sha256, 'accepted')).body).toEqual({
    server: 'crm',
    tool: 'list/all',
    reviewed: true,
  });
  expect((await decide(approver, sha256, 'rejected')).body).toMatchObject({ code: 'review_stale' });
  const { reviews } = (await approver.ask('GET', at('', { server: 'crm' }))).body as Listed;
  expect(reviews.map(({ state, decidedBy }) => `${state} ${decidedBy}`)).toEqual([
    `accepted ${approver.person}`,
    'accepted first-use',
  ]);
});

test('what is accepted is exported as a lock file, which then says alone what is', async () => {
  const { text } = (await approver.ask('GET', at('/lock'))).body as { text: string };
  expect(text).toContain('\\U0000200b');
  expect(text.match(/sha256/g)).toHaveLength(2);
});
