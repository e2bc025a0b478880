import { REQUEST_DAYS } from '#shared/api/grants.js';
import type { RecordHeader } from '#shared/audit-log/record-header.js';
import { CodedError } from '#shared/errors.js';
import type { RecordFacts, RecordType } from '../../audit/record.js';
import { isTargetHash } from '../../audit/target-hash.js';
import type { GrantTarget } from './grant.js';

const DAY = 86_400_000;
/** A name of this length may have been cut when it was recorded. */
const LONGEST_NAME = 500;
/** What a grant covers; a method can do anything, so it is in none. */
const COVERED: ReadonlySet<string> = new Set<RecordType>(['tool.call', 'resource.read', 'prompt.get']);

/**
 * What access to ask for after a denial: the tool that was denied, or the server of a resource or prompt. Throws `not_found`
 * for what is no denial of this person's, whoever's it is, and `params_invalid` for one that a grant would not change.
 * @param now epoch milliseconds
 */
export function requestableDenial(header: RecordHeader | undefined, person: string, now: number): GrantTarget {
  const facts: RecordFacts = header?.facts ?? {};
  if (!header || facts.person !== person || facts.decision !== 'deny') throw noSuchDenial();
  const { server, target, policies = [], policyRevision = '', code } = facts;
  if (now - header.ts > REQUEST_DAYS * DAY) {
    throw notRequestable(`It is more than ${REQUEST_DAYS} days old. Make the call again, and use its reference.`);
  }
  if (server === undefined || target === undefined || !COVERED.has(header.type)) {
    throw notRequestable('Access can be given to tools, resources and prompts of a server.');
  }
  if (policies.length > 0 || code !== undefined || policyRevision === '') {
    throw notRequestable('It was not denied for want of a permission, so none would change it.');
  }
  if (header.type !== 'tool.call') return { server, tool: undefined };
  if (isTargetHash(target)) throw notRequestable('The server has listed no tool of this name.');
  if (target.length >= LONGEST_NAME) throw notRequestable('The name of the tool is too long.');
  return { server, tool: target };
}

function noSuchDenial(): CodedError {
  return new CodedError('not_found', {
    message: 'There is no denial of yours with this reference. Copy it from the answer to the denied call.',
  });
}

function notRequestable(why: string): CodedError {
  return new CodedError('params_invalid', { message: `Access cannot be asked for with this denial. ${why}` });
}
