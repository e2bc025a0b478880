import type { EntityJson, EntityUid } from '@cedar-policy/cedar-wasm/nodejs';
import type { PolicyInput, PolicyTarget } from '../decision.js';
import { CALL, FIXED_ACTIONS, GET_PROMPT, qualify, READ_RESOURCE, TYPES, USE_METHOD } from '../names.js';

export interface PolicyRequest {
  readonly principal: EntityUid;
  readonly action: EntityUid;
  readonly resource: EntityUid;
  readonly entities: EntityJson[];
}

interface Uid {
  readonly type: string;
  readonly id: string;
}

/**
 * The input as Cedar's request and entities. Every name travels as the value of an id or a string, never as
 * Cedar text, so no tool, URI or group can be read as a piece of a policy.
 */
export function requestFor(input: PolicyInput): PolicyRequest {
  const { server, target } = input;
  const principal = { type: TYPES.user, id: input.person.id };
  const resource = resourceOf(server, target);
  const action = { type: TYPES.action, id: actionOf(server, target) };
  return {
    principal,
    action,
    resource: resource.uid,
    entities: [
      { uid: principal, attrs: {}, parents: input.person.groups.map((id) => ({ type: TYPES.group, id })) },
      { uid: resource.uid, attrs: resource.attrs, parents: [{ type: TYPES.server, id: server }] },
      ...actionEntities(action, target),
    ],
  };
}

function resourceOf(server: string, target: PolicyTarget): { uid: Uid; attrs: Record<string, string> } {
  if (target.kind === 'resource') {
    return { uid: { type: TYPES.resource, id: qualify(server, target.name) }, attrs: { uri: target.name } };
  }
  const id = qualify(server, target.name);
  if (target.kind !== 'tool') return { uid: { type: TYPES[target.kind], id }, attrs: { name: target.name } };
  return { uid: { type: TYPES.tool, id }, attrs: { name: target.name, effect: target.effect } };
}

function actionOf(server: string, target: PolicyTarget): string {
  if (target.kind === 'resource') return READ_RESOURCE;
  if (target.kind === 'prompt') return GET_PROMPT;
  if (target.kind === 'method') return USE_METHOD;
  const action = qualify(server, target.name);
  // A server called `resource` with a tool called `read` would be granted what was meant for resources.
  if (FIXED_ACTIONS.has(action)) throw new Error('tool takes the name of a fixed action');
  return action;
}

function actionEntities(uid: Uid, target: PolicyTarget): EntityJson[] {
  if (target.kind !== 'tool') return [{ uid, attrs: {}, parents: [] }];
  const effect = { type: TYPES.action, id: target.effect };
  return [
    { uid, attrs: {}, parents: [effect] },
    { uid: effect, attrs: {}, parents: [{ type: TYPES.action, id: CALL }] },
  ];
}
