// The client under test of a scenario: the SDK's own, which does all that the scenario's server offers. Its last argument
// is the server's address; where GATEWAY names an endpoint of ours, SWITCH is told of the server and GATEWAY is asked.
import { Client, StreamableHTTPClientTransport, UnauthorizedError, type Tool } from '@modelcontextprotocol/client';
import { Person, type KnownClient } from './person.js';

const MODERN = '2026-07-28';
/** Times that one step may ask for a sign-in, the later ones for more scopes. */
const MAX_SIGN_INS = 2;

interface Context extends Partial<KnownClient> {
  /** Calls that the scenario asks for, in place of one of each tool. */
  readonly toolCalls?: readonly { readonly name: string; readonly arguments: Record<string, unknown> }[];
}

const { GATEWAY, SWITCH, MCP_CONFORMANCE_PROTOCOL_VERSION: version, MCP_CONFORMANCE_CONTEXT: context } = process.env;
const server = process.argv.at(-1) ?? '';
if (SWITCH !== undefined) await fetch(SWITCH, { method: 'PUT', body: server });

const given = context === undefined ? {} : (JSON.parse(context) as Context);
const { client_id: clientId, client_secret: secret } = given;
const person = new Person(clientId === undefined ? undefined : { client_id: clientId, client_secret: secret });
let transport = newTransport();
const client = new Client(
  { name: 'conformance-driver', version: '1.0.0' },
  {
    capabilities: { elicitation: { form: { applyDefaults: true } }, sampling: {}, roots: {} },
    versionNegotiation: { mode: version === MODERN ? { pin: MODERN } : 'legacy' },
  },
);
client.setRequestHandler('elicitation/create', () => ({ action: 'accept', content: {} }));
client.setRequestHandler('roots/list', () => ({ roots: [] }));
await signedIn(async () => {
  transport = newTransport();
  await client.connect(transport);
});
await useEverything(given);
await client.close();

function newTransport(): StreamableHTTPClientTransport {
  return new StreamableHTTPClientTransport(new URL(GATEWAY ?? server), { authProvider: person });
}

/** Takes a step, after a sign-in where the server asks for one. */
async function signedIn<T>(step: () => Promise<T>): Promise<T> {
  for (let signIns = 0; ; signIns += 1) {
    try {
      return await step();
    } catch (error) {
      if (!(error instanceof UnauthorizedError) || signIns === MAX_SIGN_INS) throw error;
      await transport.finishAuth(person.callback());
    }
  }
}

/** Lists and uses what a server offers. The scenario judges what was sent; an answer that the SDK refuses is no end. */
async function useEverything({ toolCalls }: Context): Promise<void> {
  const offers = client.getServerCapabilities() ?? {};
  const { tools } = await signedIn(() => client.listTools());
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

async function tried(step: () => Promise<unknown>): Promise<void> {
  await signedIn(step).catch((error: unknown) => process.stderr.write(`${String(error)}\n`));
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
