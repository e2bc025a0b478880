import type { CedarValueJson, EntityJson, EntityUid } from '@cedar-policy/cedar-wasm/nodejs';
import type { ReadArguments } from '../arguments/read-arguments.js';
import type { PolicyInput, PolicyTarget } from '../decision.js';
import { CALL, FIXED_ACTIONS, GET_PROMPT, qualify, READ_RESOURCE, TYPES, USE_METHOD } from '../names.js';
import { encodeArguments } from './encode-arguments.js';
import { sessionContext } from './session-context.js';

export interface PolicyRequest {
  readonly principal: EntityUid;
  readonly action: EntityUid;
  readonly resource: EntityUid;
  readonly context: Record<string, CedarValueJson>;
  readonly entities: EntityJson[];
}

interface Uid {
  readonly type: string;
  readonly id: string;
}

/**
 * The input as Cedar's request and entities. Every name travels as the value of an id or a string, never as
 * Cedar text, so no tool, URI or group can be read as a piece of a policy. Of the arguments only what policies read.
 * @throws UnreadableArgument
 */
export function requestFor(
  input: PolicyInput,
  readArguments: Readonly<Record<string, ReadArguments>> = {},
  readSession?: ReadonlySet<string>,
): PolicyRequest {
  const { server, target } = input;
  const principal = { type: TYPES.user, id: input.person.id };
  const resource = resourceOf(server, target);
  const action = { type: TYPES.action, id: actionOf(server, target) };
  const read = Object.hasOwn(readArguments, action.id) ? readArguments[action.id] : undefined;
  return {
    principal,
    action,
    resource: resource.uid,
    context: {
      session: sessionContext(input, readSession),
      ...(read === undefined || input.args === undefined ? {} : encodeArguments(read, input.args)),
    },
    entities: [
      { uid: principal, attrs: {}, parents: uids(TYPES.group, input.person.groups) },
      {
        uid: resource.uid,
        attrs: resource.attrs,
        parents: [{ type: TYPES.server, id: server }, ...uids(TYPES.label, labelsOf(target))],
      },
      ...serverEntity(server, input.serverLabels),
      ...actionEntities(action, target),
    ],
  };
}

function uids(type: string, ids: readonly string[]): Uid[] {
  return ids.map((id) => ({ type, id }));
}

function labelsOf(target: PolicyTarget): readonly string[] {
  return target.kind === 'tool' ? target.labels : [];
}

function resourceOf(server: string, target: PolicyTarget): { uid: Uid; attrs: Record<string, CedarValueJson> } {
  if (target.kind === 'resource') {
    return { uid: { type: TYPES.resource, id: qualify(server, target.name) }, attrs: { uri: target.name } };
  }
  const id = qualify(server, target.name);
  if (target.kind !== 'tool') return { uid: { type: TYPES[target.kind], id }, attrs: { name: target.name } };
  const { name, effect, reviewed } = target;
  return { uid: { type: TYPES.tool, id }, attrs: { name, effect, reviewed } };
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

/** One without parents is the same to the engine as none, which takes no time. */
function serverEntity(id: string, labels: readonly string[]): EntityJson[] {
  return labels.length === 0
    ? []
    : [{ uid: { type: TYPES.server, id }, attrs: {}, parents: uids(TYPES.label, labels) }];
}

function actionEntities(uid: Uid, target: PolicyTarget): EntityJson[] {
  if (target.kind !== 'tool') return [{ uid, attrs: {}, parents: [] }];
  const effect = { type: TYPES.action, id: target.effect };
  return [
    { uid, attrs: {}, parents: [effect] },
    { uid: effect, attrs: {}, parents: [{ type: TYPES.action, id: CALL }] },
  ];
}
