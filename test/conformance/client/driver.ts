// The client under test of a scenario: the SDK's own, which does all that the scenario's server offers. Its last argument
// is the server's address; where GATEWAY names an endpoint of ours, SWITCH is told of the server and GATEWAY is asked.
import { Client, StreamableHTTPClientTransport, UnauthorizedError } from '@modelcontextprotocol/client';
import { useEverything, type WantedCalls } from './everything.js';
import { Person, type KnownClient } from './person.js';

const MODERN = '2026-07-28';
/** Times that one step may ask for a sign-in, the later ones for more scopes. */
const MAX_SIGN_INS = 2;

type Context = Partial<KnownClient> & WantedCalls;

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
await useEverything(client, given, signedIn);
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
