import { isObject } from '#shared/mcp/json-rpc.js';
import { LOG_LEVELS, META } from '#shared/mcp/meta.js';
import { RESOURCE_UPDATED } from '../../upstreams/listening.js';
import type { Identified } from '../call/post.js';
import type { ScanFacts } from './scan-facts.js';

/** A modern client hears these on the stream of its subscription, and there only. */
const SUBSCRIBED = new Set([
  'notifications/tools/list_changed',
  'notifications/prompts/list_changed',
  'notifications/resources/list_changed',
  RESOURCE_UPDATED,
]);

/** Which notifications of an answer are for its client: log messages from the level on that it asked for. */
export function wantsOf({ era, message }: Pick<Identified, 'era' | 'message'>): (notification: ScanFacts) => boolean {
  const meta = message.params?.['_meta'];
  const level = isObject(meta) ? meta[META.logLevel] : undefined;
  return ({ methodName = '', level: said }) => {
    if (methodName === 'notifications/message') return level === undefined ? era === 'legacy' : reaches(said, level);
    return era === 'legacy' || !SUBSCRIBED.has(methodName);
  };
}

/** Levels that nobody knows are passed on. */
export function reaches(said: unknown, wanted: unknown): boolean {
  const [is, from] = [said, wanted].map((level) => LOG_LEVELS.findIndex((known) => known === level)) as [
    number,
    number,
  ];
  return is < 0 || is >= from;
}
