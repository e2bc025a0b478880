import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { CodedError } from '#shared/errors.js';
import { pageHeaders } from '#shared/pages/page-headers.js';
import type { PageSignIn, PageVisitor } from '../../identity/sign-in/page-sign-in.js';
import type { Approver } from './approval.js';
import { noticePage, signInPage } from './approvals-pages.js';

/** Without it a browser says of the page's own form that it comes from nowhere (Fetch, `Origin: null`). */
const NAMES_ITSELF = { 'referrer-policy': 'same-origin' };

export interface PageRequest {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** What the person came to see (`page-visit.ts`). */
  readonly subject: string | undefined;
}

/** Answers with the page that `work` makes for the visitor; whoever has not signed in lately does that first. */
export async function answerVisitor(
  signIn: PageSignIn,
  { request, reply, subject }: PageRequest,
  work: (approver: Approver, visitor: PageVisitor) => Promise<string>,
): Promise<void> {
  const visitor = await signIn.visitor(request.headers.cookie);
  if (!visitor) return send(reply, signInPage(signIn.choices, subject));
  const { person, groups, authTime } = visitor;
  try {
    send(reply, await work({ person, groups, authTime, address: request.ip }, visitor));
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    send(reply, noticePage(error.message, error.code), error.form.http);
  }
}

/** The fields of the page's own form, sent from where they were shown. Throws `sign_in_failed`. */
export function ownForm(signIn: PageSignIn, visitor: PageVisitor, body: unknown): ReadonlyMap<string, unknown> {
  const form = new Map<string, unknown>(Object.entries(body ?? {}));
  signIn.requireOwnForm(visitor, form.get('csrf'));
  return form;
}

/** Throws `not_found` for an address that this page does not have. */
export function requireSubject<T>(schema: z.ZodType<T>, given: unknown): T {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new CodedError('not_found', { message: 'There is no such page.' });
}

/** Throws `params_invalid` that names the fields. */
export function requireFields<T>(schema: z.ZodType<T>, fields: object): T {
  const parsed = schema.safeParse(fields);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new CodedError('params_invalid', { message: `${faults.join('; ')}. Go back to change it. Nothing was done.` });
}

function send(reply: FastifyReply, body: string, status = 200): void {
  void reply
    .status(status)
    .headers({ ...pageHeaders(["'self'"]), ...NAMES_ITSELF })
    .send(body);
}
