import { randomUUID } from 'node:crypto';

/** A new session's id, which is also its grant's. It begins with a letter, so that no command line takes it for an option. */
export function newSessionId(): string {
  return `ses_${randomUUID().replaceAll('-', '')}`;
}
