import type { Client, Tool } from '@modelcontextprotocol/client';

export interface WantedCalls {
  /** Calls that the scenario asks for, in place of one of each tool. */
  readonly toolCalls?: readonly { readonly name: string; readonly arguments: Record<string, unknown> }[];
}

/** Takes a step of the client, with whatever it needs of a sign-in. */
type Step = <T>(work: () => Promise<T>) => Promise<T>;

/** Lists and uses what a server offers. The scenario judges what was sent; an answer that the SDK refuses is no end. */
export async function useEverything(client: Client, { toolCalls }: WantedCalls, step: Step): Promise<void> {
  const tried = async (work: () => Promise<unknown>): Promise<void> => {
    await step(work).catch((error: unknown) => process.stderr.write(`${String(error)}\n`));
  };
  const offers = client.getServerCapabilities() ?? {};
  const { tools } = await step(() => client.listTools());
  for (const call of toolCalls ?? tools.map((tool) => callOf(tool, tools))) await tried(() => client.callTool(call));
  if (offers.resources !== undefined) {
    const { resources } = await client.listResources();
    for (const { uri } of resources) await tried(() => client.readResource({ uri }));
  }
  if (offers.prompts !== undefined) {
    const { prompts } = await client.listPrompts();
    for (const { name } of prompts) await tried(() => client.getPrompt({ name }));
  }
}

/** A value for each required parameter. One that is called `schema` gets the schema of the first tool back. */
function callOf({ name, inputSchema }: Tool, [first]: readonly Tool[]) {
  const entries = Object.entries(inputSchema.properties ?? {}).map(([key, schema]) => [
    key,
    key === 'schema' ? first?.inputSchema : valueOf(schema as { readonly type?: string }),
  ]);
  return { name, arguments: Object.fromEntries(entries) as Record<string, unknown> };
}

function valueOf({ type }: { readonly type?: string }): unknown {
  if (type === 'number' || type === 'integer') return 7;
  if (type === 'boolean') return true;
  return type === 'string' ? 'text' : undefined;
}
