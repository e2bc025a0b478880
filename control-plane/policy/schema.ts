import type { ActionType, SchemaJson } from '@cedar-policy/cedar-wasm/nodejs';
import type { Effect, Settings } from '../config/settings.js';
import { effectOf } from './effects.js';
import { CALL, EFFECTS, GET_PROMPT, NAMESPACE, qualifierOf, qualify, READ_RESOURCE, USE_METHOD } from './names.js';

const STRING = { type: 'String' } as const;
const record = (attribute: string) => ({ type: 'Record' as const, attributes: { [attribute]: STRING } });

const ENTITY_TYPES = {
  Group: {},
  User: { memberOfTypes: ['Group'] },
  Server: {},
  Tool: { memberOfTypes: ['Server'], shape: { type: 'Record', attributes: { name: STRING, effect: STRING } } },
  Resource: { memberOfTypes: ['Server'], shape: record('uri') },
  Prompt: { memberOfTypes: ['Server'], shape: record('name') },
  Method: { memberOfTypes: ['Server'], shape: record('name') },
} as const;

/**
 * The Cedar schema that policies are checked against: the fixed types, and one action for each tool that the
 * settings or a policy name. An effect applies to tools itself, standing for the tools that nobody names.
 * @param named ids of the actions that policies name; those of unknown servers stay unknown.
 */
export function schemaFor(settings: Settings, named: readonly string[]): SchemaJson<string> {
  const actions = new Map<string, ActionType<string>>([
    [CALL, {}],
    ...EFFECTS.map((effect) => [effect, toolAction(CALL)] as const),
    [READ_RESOURCE, action('Resource')],
    [GET_PROMPT, action('Prompt')],
    [USE_METHOD, action('Method')],
  ]);
  for (const [id, effect] of toolActions(settings, named)) {
    if (!actions.has(id)) actions.set(id, toolAction(effect));
  }
  const types = structuredClone(ENTITY_TYPES) as unknown as SchemaJson<string>[string]['entityTypes'];
  return { [NAMESPACE]: { entityTypes: types, actions: Object.fromEntries(actions) } };
}

function toolActions(settings: Settings, named: readonly string[]): [string, Effect][] {
  const configured = Object.entries(settings.servers).flatMap(([server, { tools }]) =>
    Object.keys(tools).map((tool): [string, Effect] => [qualify(server, tool), effectOf(settings, server, tool)]),
  );
  const others = named.flatMap((id): [string, Effect][] => {
    const server = qualifierOf(id);
    if (server === undefined || !Object.hasOwn(settings.servers, server)) return [];
    return [[id, effectOf(settings, server, id.slice(server.length + 1))]];
  });
  return [...configured, ...others];
}

function toolAction(parent: string): ActionType<string> {
  return { ...action('Tool'), memberOf: [{ id: parent }] };
}

function action(resource: string): ActionType<string> {
  return { appliesTo: { principalTypes: ['User'], resourceTypes: [resource] } };
}
