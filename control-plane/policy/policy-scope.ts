import type { PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import { CALL, EFFECTS, GET_PROMPT, qualifierOf, READ_RESOURCE, TYPES, USE_METHOD } from './names.js';

/** What a policy can match, by its scope alone. Each part undefined where the scope leaves it open. */
export interface PolicyScope {
  /** The only server. */
  readonly server?: string;
  /** The only tools, by the ids of their actions (`server/tool`). */
  readonly tools?: readonly string[];
  /** The only label that the target, or its server, may bear. */
  readonly label?: string;
  /** The only kinds of targets: effects of tools, and the other kinds. */
  readonly kinds?: readonly TargetKind[];
  /** The only group whose members it can match, and the only person. */
  readonly group?: string;
  readonly person?: string;
}

export type TargetKind = (typeof EFFECTS)[number] | 'resource' | 'prompt' | 'method';

/** Never narrower than what Cedar matches: whatever is not plain is open. */
export function scopeOf({ principal, action, resource }: Scoped): PolicyScope {
  const byResource = scopeOfResource(resource);
  const actions = actionsOf(action);
  const tools = actions?.every((id) => !FIXED.has(id) && qualifierOf(id) !== undefined) ? actions : undefined;
  const servers = [...new Set(tools?.map(qualifierOf))];
  const server = byResource.server ?? (servers.length === 1 ? servers[0] : undefined);
  const kinds = byResource.kinds ?? kindsOf(actions);
  return {
    ...(byResource.label === undefined ? {} : { label: byResource.label }),
    ...(server === undefined ? {} : { server }),
    ...(tools === undefined ? {} : { tools }),
    ...(kinds === undefined ? {} : { kinds }),
    ...scopeOfPrincipal(principal),
  };
}

type Scoped = Pick<PolicyJson, 'principal' | 'action' | 'resource'>;

const TOOLS: readonly TargetKind[] = EFFECTS;
const KINDS_OF_ACTIONS: Readonly<Record<string, readonly TargetKind[]>> = {
  [CALL]: TOOLS,
  ...Object.fromEntries(EFFECTS.map((effect) => [effect, [effect]])),
  [READ_RESOURCE]: ['resource'],
  [GET_PROMPT]: ['prompt'],
  [USE_METHOD]: ['method'],
};
const FIXED: ReadonlySet<string> = new Set(Object.keys(KINDS_OF_ACTIONS));
const KINDS_OF_TYPES: Readonly<Record<string, readonly TargetKind[]>> = {
  [TYPES.tool]: TOOLS,
  [TYPES.resource]: ['resource'],
  [TYPES.prompt]: ['prompt'],
  [TYPES.method]: ['method'],
};

/** The ids of actions that the scope names; undefined where it names none. */
function actionsOf(action: PolicyJson['action']): readonly string[] | undefined {
  if (action.op === 'All') return undefined;
  const entities = 'entities' in action ? action.entities : 'entity' in action ? [action.entity] : undefined;
  return entities?.map((entity) => plain(entity).id);
}

/** Undefined where a tool's own action is among them, or one that nobody knows. */
function kindsOf(actions: readonly string[] | undefined): readonly TargetKind[] | undefined {
  const kinds = actions?.map((id) => (Object.hasOwn(KINDS_OF_ACTIONS, id) ? KINDS_OF_ACTIONS[id] : undefined));
  return kinds?.every((each) => each !== undefined) ? kinds.flat() : undefined;
}

function scopeOfResource(resource: PolicyJson['resource']): PolicyScope {
  if (resource.op === 'All') return {};
  const kinds = resource.op === 'is' ? KINDS_OF_TYPES[resource.entity_type] : undefined;
  const within = resource.op === 'is' ? resource.in : resource;
  const narrowed = kinds === undefined ? {} : { kinds };
  if (within === undefined || !('entity' in within)) return narrowed;
  const { type, id } = plain(within.entity);
  if (type === TYPES.label) return { ...narrowed, label: id };
  if (type === TYPES.server) return { ...narrowed, server: id };
  const server = qualifierOf(id);
  return server === undefined ? narrowed : { ...narrowed, server };
}

function scopeOfPrincipal(principal: PolicyJson['principal']): Pick<PolicyScope, 'group' | 'person'> {
  if (principal.op === 'All') return {};
  const within = principal.op === 'is' ? principal.in : principal;
  if (within === undefined || !('entity' in within)) return {};
  const { type, id } = plain(within.entity);
  if (type === TYPES.group) return { group: id };
  return type === TYPES.user ? { person: id } : {};
}

function plain(entity: EntityUid): { readonly type: string; readonly id: string } {
  return '__entity' in entity ? entity.__entity : entity;
}

type EntityUid = { type: string; id: string } | { __entity: { type: string; id: string } };
