import type { z } from 'zod';
import { CodedError } from '#shared/errors.js';
import { answerVisitor, type PageRequest } from '../../identity/sign-in/page-answer.js';
import type { PageSignIn, PageVisitor } from '../../identity/sign-in/page-sign-in.js';
import type { PageWords } from '../../identity/sign-in/pages/visitor-pages.js';
import type { Approver } from './approval.js';

const WORDS: PageWords = {
  page: 'approvals',
  title: 'Approvals',
  signIn: 'Sign in to see approvals',
  why: 'What you do here lets calls go on that are not let through otherwise, so it needs a sign-in from now.',
  all: 'All that waits for you',
};

/** Answers with the page that `work` makes for whoever may decide something; who has not signed in lately does that first. */
export async function answerApprover(
  signIn: PageSignIn,
  visit: PageRequest,
  work: (approver: Approver, visitor: PageVisitor) => Promise<string>,
): Promise<void> {
  const address = visit.request.ip;
  await answerVisitor(signIn, WORDS, visit, (visitor) => {
    const { person, groups, authTime } = visitor;
    return work({ person, groups, authTime, address }, visitor);
  });
}

/** Throws `params_invalid` that names the fields. */
export function requireFields<T>(schema: z.ZodType<T>, fields: object): T {
  const parsed = schema.safeParse(fields);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new CodedError('params_invalid', { message: `${faults.join('; ')}. Go back to change it. Nothing was done.` });
}
