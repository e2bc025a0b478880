import { CodedError } from '#shared/errors.js';

/** Where a page ended, for the next to begin after. */
export interface PagePosition {
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly id: string;
}

export function formatPosition({ createdAt, id }: PagePosition): string {
  return Buffer.from(`${createdAt}.${id}`).toString('base64url');
}

/** Throws `params_invalid` for anything that `formatPosition` did not write. */
export function parsePosition(cursor: string): PagePosition {
  const match = /^(\d{1,15})\.([A-Za-z0-9_.-]{1,260})$/.exec(Buffer.from(cursor, 'base64url').toString());
  if (match) return { createdAt: Number(match[1]), id: match[2]! };
  throw badCursor();
}

/** A cursor that is a person's id. Throws `params_invalid` for another text. */
export function parsePersonCursor(cursor: string): string {
  const id = Buffer.from(cursor, 'base64url').toString();
  if (/^usr_[0-9a-f]{32}$/.test(id)) return id;
  throw badCursor();
}

export function formatPersonCursor(id: string): string {
  return Buffer.from(id).toString('base64url');
}

function badCursor(): CodedError {
  return new CodedError('params_invalid', {
    message: '`cursor` is not one that a page of this list ended with. Leave it out to start again.',
  });
}
