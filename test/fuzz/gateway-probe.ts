import { aggregateName } from '#shared/mcp/names.js';
import { ENDPOINTS, type Endpoint, type FuzzedPerson } from './fuzzed-person.js';
import { envelope, SERVERS, type Voice } from './speech.js';

/** Two ids that only look alike. */
const TWINS = [7, '7'] as const;

/** Every person calls every server in every way, well-formed and all at once; what was not answered right. */
export async function probeFaults(people: readonly FuzzedPerson[]): Promise<string[]> {
  const probes = people.flatMap((person) =>
    ENDPOINTS.flatMap((endpoint) => [
      probe(person, endpoint, 'modern'),
      probe(person, endpoint, 'legacy', person.sessions.get(endpoint)),
    ]),
  );
  return (await Promise.all(probes)).flat();
}

async function probe(person: FuzzedPerson, endpoint: Endpoint, era: Voice['era'], session?: string): Promise<string[]> {
  const faults: string[] = [];
  for (const server of endpoint === undefined ? SERVERS : [endpoint]) {
    const name = endpoint === undefined ? aggregateName(server, 'echo') : 'echo';
    const said = await Promise.all(
      TWINS.map(async (id) => {
        const text = `${person.marker} ${typeof id}`;
        const meta = era === 'modern' ? { _meta: envelope(person.marker) } : {};
        const message = { jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: { text }, ...meta } };
        const answer = await person.ask(endpoint, message, era, session);
        const right = answer.text.includes(`"id":${JSON.stringify(id)}`) && answer.text.includes(text);
        return right ? [] : [`probe of ${server} by ${person.name} (${era}): ${answer.status} ${answer.text}`];
      }),
    );
    faults.push(...said.flat());
  }
  return faults;
}
