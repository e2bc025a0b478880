/** Cedar ids of what is decided about. Server ids hold no slash, so the first one splits without doubt. */
export const NAMESPACE = 'Mcp';

export const TYPES = {
  user: `${NAMESPACE}::User`,
  group: `${NAMESPACE}::Group`,
  label: `${NAMESPACE}::Label`,
  agent: `${NAMESPACE}::Agent`,
  server: `${NAMESPACE}::Server`,
  tool: `${NAMESPACE}::Tool`,
  resource: `${NAMESPACE}::Resource`,
  prompt: `${NAMESPACE}::Prompt`,
  method: `${NAMESPACE}::Method`,
  action: `${NAMESPACE}::Action`,
} as const;

export const EFFECTS = ['read', 'write', 'destroy'] as const;

/** The group of actions that holds every effect. */
export const CALL = 'call';
export const READ_RESOURCE = 'resource/read';
export const GET_PROMPT = 'prompt/get';
/** Whatever else is asked of a server: tasks, extensions, unknown methods. */
export const USE_METHOD = 'method/use';
/** Actions that belong to no tool; their first halves are no ids of servers. */
export const FIXED_ACTIONS: ReadonlySet<string> = new Set([READ_RESOURCE, GET_PROMPT, USE_METHOD]);

/** `crm` + `list_customers` → `crm/list_customers`: the id of a tool, of its action, of a resource or a prompt. */
export function qualify(server: string, name: string): string {
  return `${server}/${name}`;
}

/** What stands before the first slash, or undefined where there is none. */
export function qualifierOf(id: string): string | undefined {
  const slash = id.indexOf('/');
  return slash < 1 || slash === id.length - 1 ? undefined : id.slice(0, slash);
}
