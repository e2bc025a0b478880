import { setTimeout as delay } from 'node:timers/promises';
import { ActiveCatalog } from '../../../control-plane/catalog/active-catalog.js';
import { unstored } from '../../../control-plane/catalog/revision.js';
import { settingsSchema, type LoadedConfig } from '../../../control-plane/config/settings.js';
import type { Question } from '../../../control-plane/policy/decision.js';
import { PolicyService } from '../../../control-plane/policy/policy.service.js';
import { median } from '../table/pairs.js';
import { measured, type Row, type Section } from '../table/row.js';

const SERVERS = 200;
const SIZES = [10, 100, 1_000, 10_000];
const TOOLS = 1_000;
const DECISIONS = 200;

/** The policies alone, in this process: what a decision costs by their number, what a list costs, and what a new revision holds up. */
export async function measureDecisions(): Promise<Section> {
  const rows: Row[] = [];
  for (const size of SIZES) rows.push(await measureSize(size));
  return { title: 'Decisions', rows: [...rows, await measureList(), await measureActivation()] };
}

function measureSize(size: number): Promise<Row> {
  const what = `decision with ${size} policies over ${SERVERS} servers, not remembered`;
  return measured({ id: `decision-${size}`, what, unit: 'µs' }, async () => {
    const spread = serviceWith(size, SERVERS);
    // Each a name of its own, so that nothing of it is remembered.
    const fresh = timed(DECISIONS, (index) => spread.decide(question('s0', `tool-${index}`)));
    const remembered = timed(DECISIONS, () => spread.decide(question('s0', 'tool-0')));
    const together = serviceWith(size, 1);
    const crowded = timed(size > 1_000 ? 20 : DECISIONS, (index) => together.decide(question('s0', `tool-${index}`)));
    const detail = `remembered ${remembered.toFixed(1)} µs; ${crowded.toFixed(0)} µs where all are about one server`;
    return { value: fresh, detail };
  });
}

function measureList(): Promise<Row> {
  const what = `list of ${TOOLS} tools, filtered, with 1000 policies: remembered`;
  return measured({ id: 'list-1000', what, unit: 'ms', target: { atMost: 50 } }, async () => {
    const service = serviceWith(1_000, SERVERS);
    const list = (): number => {
      const began = performance.now();
      for (let tool = 0; tool < TOOLS; tool += 1)
        service.decide({ ...question('s0', `tool-${tool}`), args: undefined });
      return performance.now() - began;
    };
    const first = list();
    return { value: median(Array.from({ length: 9 }, list)), detail: `${first.toFixed(0)} ms the first time` };
  });
}

function measureActivation(): Promise<Row> {
  const what = 'a revision of 1000 policies comes into force: longest block of the event loop';
  return measured({ id: 'activation-1000', what, unit: 'ms', target: { atMost: 50 } }, async () => {
    const config = configWith(10, SERVERS);
    const catalog = ActiveCatalog.of(config);
    const service = new PolicyService(config, catalog);
    const { settings, policyFiles } = configWith(1_000, SERVERS);
    const next = unstored({ servers: settings.servers, roles: settings.roles, policyFiles });
    const gaps = new Gaps();
    const began = performance.now();
    await catalog.foresee(next);
    const switching = performance.now();
    catalog.activate(next);
    const [ended, longest] = [performance.now(), await gaps.longest()];
    if (service.decide(question('s0', 'tool-0')).outcome !== 'allow') throw new Error('It is not in force.');
    const detail = `${(ended - began).toFixed(0)} ms in all, of which the switch ${(ended - switching).toFixed(0)} ms`;
    return { value: longest, detail };
  });
}

/** How long timers waited beyond their time. */
class Gaps {
  #last = performance.now();
  #longest = 0;
  readonly #timer = setInterval(() => this.#tick(), 1);

  async longest(): Promise<number> {
    await delay(5);
    clearInterval(this.#timer);
    return this.#longest;
  }

  #tick(): void {
    const now = performance.now();
    this.#longest = Math.max(this.#longest, now - this.#last - 1);
    this.#last = now;
  }
}

/** Median, in microseconds. */
function timed(times: number, decide: (index: number) => unknown): number {
  for (let index = 0; index < times / 10; index += 1) decide(-index - 1);
  const took = Array.from({ length: times }, (_, index) => {
    const began = performance.now();
    decide(index);
    return performance.now() - began;
  });
  return median(took) * 1_000;
}

function serviceWith(policies: number, servers: number): PolicyService {
  const config = configWith(policies, servers);
  return new PolicyService(config, ActiveCatalog.of(config));
}

function configWith(policies: number, servers: number): LoadedConfig {
  const texts = Array.from({ length: policies }, (_, index) => {
    const group = index < servers ? 'demo/engineering' : `demo/team-${index}`;
    return `@id("p${index}") @reason("Policy ${index}.")
permit(principal in Mcp::Group::"${group}", action in Mcp::Action::"call", resource in Mcp::Server::"s${index % servers}") when { context.session.kind == "person" };`;
  });
  const ids = Array.from({ length: SERVERS }, (_, index) => `s${index}`);
  return {
    directory: '/nowhere',
    settings: settingsSchema.parse({
      publicUrl: 'https://mcp.acme.example',
      identity: { providers: { demo: { issuer: 'https://idp.example', clientId: 'x', clientSecret: 'env:X' } } },
      servers: Object.fromEntries(ids.map((id) => [id, { url: `https://${id}.acme.example/mcp` }])),
    }),
    policyFiles: filesOf(texts),
    masterKey: Buffer.alloc(32),
    environment: {},
  };
}

function filesOf(texts: readonly string[]): LoadedConfig['policyFiles'] {
  const count = Math.ceil(texts.length / 500);
  return Array.from({ length: count }, (_, index) => ({
    file: `policies/${index}.cedar`,
    text: texts.slice(index * 500, (index + 1) * 500).join('\n'),
  }));
}

function question(server: string, name: string): Question {
  return {
    person: { id: 'usr_bench', groups: ['demo/engineering'] },
    server,
    target: { kind: 'tool', name },
    context: {
      now: Date.now(),
      address: '10.0.0.1',
      acr: null,
      amr: [],
      signedInAt: 0,
      sessionKind: 'person',
      client: 'bench',
      claimedClient: null,
      device: null,
      managedDevice: false,
      agents: [],
    },
    args: {},
  };
}
