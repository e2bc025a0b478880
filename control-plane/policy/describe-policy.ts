import { qualifierOf, TYPES } from './names.js';
import type { SourcePolicy } from './source/read-policies.js';
import { referencesOf } from './source/references.js';
import { faultAt } from './source/source-text.js';

/** What a policy is about, for those who read lists of policies. */
export interface PolicySummary {
  readonly id: string;
  readonly file: string;
  readonly line: number;
  readonly effect: 'permit' | 'forbid';
  readonly reason: string;
  /** The servers that it names; empty where it may concern every one. */
  readonly servers: readonly string[];
  /** The groups and people that it names; empty where it may concern everybody. */
  readonly principals: readonly string[];
}

const OF_SERVERS: ReadonlySet<string> = new Set([TYPES.tool, TYPES.resource, TYPES.prompt, TYPES.method, TYPES.action]);
/** First halves of actions that belong to no server. */
const NO_SERVERS: ReadonlySet<string> = new Set(['resource', 'prompt', 'method']);

export function describePolicy(policy: SourcePolicy): PolicySummary {
  const references = referencesOf(policy);
  const servers = references.flatMap(({ type, id }) => {
    if (type === TYPES.server) return [id];
    const server = OF_SERVERS.has(type) ? qualifierOf(id) : undefined;
    return server === undefined || NO_SERVERS.has(server) ? [] : [server];
  });
  const principals = references.flatMap(({ type, id }) => (type === TYPES.group || type === TYPES.user ? [id] : []));
  const { file, line } = faultAt(policy.source, policy.start, { key: policy.key, message: '', fix: '' });
  return {
    id: policy.key,
    file,
    line,
    effect: policy.effect,
    reason: policy.annotations['reason'] ?? '',
    servers: [...new Set(servers)].toSorted(),
    principals: [...new Set(principals)].toSorted(),
  };
}
