import { CodedError } from '#shared/errors.js';

/** The last entry of a page. Entries are ordered by time and id, so what is written later never moves a page. */
export interface Position {
  /** Epoch milliseconds. */
  readonly ts: number;
  readonly id: string;
}

export function formatCursor({ ts, id }: Position): string {
  return Buffer.from(`${ts}.${id}`).toString('base64url');
}

/** Throws `params_invalid` for anything that `formatCursor` did not write. */
export function parseCursor(cursor: string): Position {
  const match = /^(\d{1,15})\.([0-9a-f-]{36})$/.exec(Buffer.from(cursor, 'base64url').toString());
  if (match) return { ts: Number(match[1]), id: match[2]! };
  throw new CodedError('params_invalid', {
    message: '`cursor` is not one that a page of this search ended with. Leave it out to start again.',
  });
}
