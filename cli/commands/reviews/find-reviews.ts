import { PATHS } from '#shared/api/paths.js';
import {
  reviewDetailSchema,
  reviewListSchema,
  type ListedReview,
  type ReviewDetail,
  type ReviewList,
} from '#shared/api/reviews.js';
import { CodedError } from '#shared/errors.js';
import { readAnswer, type CallApi } from '../api-answer.js';

interface ToolName {
  readonly server: string;
  readonly tool: string;
}

/** `crm/list_customers`: ids of servers hold no slash. Throws `usage`. */
export function parseTool(text: string): ToolName {
  const slash = text.indexOf('/');
  if (slash > 0 && slash < text.length - 1) return { server: text.slice(0, slash), tool: text.slice(slash + 1) };
  throw new CodedError('usage', { message: 'Write SERVER/TOOL, as `mcp-sso reviews list` shows it.' });
}

export async function fetchReviews(call: CallApi, filter: Readonly<Record<string, string>>): Promise<ReviewList> {
  const query = new URLSearchParams(filter).toString();
  return readAnswer(reviewListSchema, await call('GET', `${PATHS.reviews}${query === '' ? '' : `?${query}`}`));
}

export async function fetchReview(call: CallApi, { server, tool, sha256 }: ListedReview): Promise<ReviewDetail> {
  const query = new URLSearchParams({ server, tool, sha256 }).toString();
  return readAnswer(reviewDetailSchema, await call('GET', `${PATHS.reviews}/definition?${query}`));
}

/**
 * The definition of a tool that is meant: the one whose hash begins like `hash`, else the waiting one, else the one seen last. Throws
 * `not_found`, and `usage` where several wait or begin like it.
 */
export function meant(reviews: readonly ListedReview[], hash: string | undefined): ListedReview {
  const waiting = reviews.filter(({ state }) => state === 'pending');
  const like = hash === undefined ? waiting : reviews.filter(({ sha256 }) => sha256.startsWith(hash));
  const found = like.length === 0 && hash === undefined ? reviews.slice(0, 1) : like;
  if (found.length === 1) return found[0]!;
  if (found.length === 0) throw new CodedError('not_found', { message: 'There is no such definition.' });
  const hashes = found.map(({ sha256 }) => sha256.slice(0, 12)).join(', ');
  throw new CodedError('usage', { message: `Several definitions are meant: ${hashes}. Name one with --sha256.` });
}
