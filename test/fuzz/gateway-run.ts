import { Random } from '../support/random.js';
import { answerFaults } from './answer-faults.js';
import { Deliveries } from './deliver.js';
import { FuzzedPerson } from './fuzzed-person.js';
import { throwOf, type Throw } from './http-throws.js';
import { probeFaults } from './gateway-probe.js';
import { numbers, seedOf, type FuzzSettings } from './settings.js';
import { PEOPLE, type Stand } from './stand.js';
import { grown, settledWith } from './growth.js';

/** Throws under way at once; well below what one person may have. */
const AT_ONCE = 18;
/** After as many, sessions and states are gathered anew. */
const WINDOW = 250;
const PROBE_EVERY = 1_000;
const SHOWN = 20;

/** What a run found; see `UNHARMED`. */
export interface Findings {
  readonly faults: readonly string[];
  readonly crossed: string;
  readonly unforeseen: readonly string[];
  readonly alive: boolean;
  readonly growth: string;
  /** Hosted servers that outlived every sign-in. */
  readonly leftOver: readonly number[];
}

/** Throws malformed messages of several people at the gateway, and looks for what must never be. */
export async function fuzzGateway(stand: Stand, settings: FuzzSettings): Promise<Findings> {
  const { stack, controlPlane } = stand;
  const people = await Promise.all(PEOPLE.map((name) => FuzzedPerson.signIn(stand, name)));
  const deliveries = new Deliveries(Number(new URL(stack.addresses.publicUrl).port));
  const faults: string[] = [];
  await gatherAll(people);
  faults.push(...(await probeFaults(people)));
  let before = await controlPlane.holdings();
  let thrown = 0;
  for (const window of windowsOf(numbers(settings))) {
    await gatherAll(people);
    faults.push(...(await throwAll(window, people, deliveries, settings, stack.apiKey)));
    // What is loaded and remembered once is no leak.
    if (thrown === 0) before = await controlPlane.holdings();
    thrown += window.length;
    if (thrown % PROBE_EVERY === 0 || thrown >= settings.messages) {
      await gatherAll(people);
      faults.push(...(await probeFaults(people)));
    }
    if (faults.length > SHOWN) break;
  }
  deliveries.close();
  await Promise.all(people.map((person) => person.signOut()));
  const leftOver = await settledWith(
    () => stand.hosted(),
    (pids) => pids.length === 0,
  );
  const growth = await grown(controlPlane, before);
  return {
    faults: faults.slice(0, SHOWN),
    crossed: stand.crossed(),
    unforeseen: stand.unforeseen(),
    alive: controlPlane.running,
    growth,
    leftOver,
  };
}

async function gatherAll(people: readonly FuzzedPerson[]): Promise<void> {
  await Promise.all(people.map((person) => person.gather()));
}

/** Throws these numbers, many at once, and resolves to what was wrong. */
async function throwAll(
  window: readonly number[],
  people: readonly FuzzedPerson[],
  deliveries: Deliveries,
  settings: FuzzSettings,
  apiKey: string,
): Promise<string[]> {
  const left = [...window];
  const faults: string[] = [];
  const worker = async (): Promise<void> => {
    for (let number = left.shift(); number !== undefined; number = left.shift()) {
      const by = people[number % people.length]!;
      const others = people.filter((person) => person !== by);
      const thrown = throwOf(number, by, others, new Random(seedOf(settings, number)));
      const outcome = await deliveries.send(thrown, await credentialsFor(thrown));
      const foreign = [...others.map(({ marker }) => marker), apiKey];
      faults.push(...answerFaults(thrown, outcome, foreign).map((fault) => described(fault, thrown, outcome)));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return faults;
}

async function credentialsFor({ by, method, path, credentials }: Throw): Promise<Record<string, string>> {
  if (credentials === 'none') return {};
  if (credentials === 'forged')
    return { authorization: 'DPoP eyJhbGciOiJub25lIn0.e30.', dpop: 'eyJhbGciOiJub25lIn0.e30.' };
  const own = await by.credentials(method, path.split('?')[0]!);
  return credentials === 'own' ? own : { authorization: own['authorization']! };
}

/** Enough to throw it again: the number makes the same throw with the same seed. */
function described(fault: string, thrown: Throw, outcome: unknown): string {
  const { number, by, method, path, delivery, credentials, headers, body } = thrown;
  const lines = headers.map((line) => line.join(': ').slice(0, 200)).join(' | ');
  const sent = `${method} ${path} (${delivery}, ${credentials}) ${lines} || ${body.toString().slice(0, 1_500)}`;
  return `FUZZ_ONLY=${number} ${by.name}: ${fault}\n  sent ${sent}\n  got ${JSON.stringify(outcome).slice(0, 1_500)}`;
}

function windowsOf(all: readonly number[]): number[][] {
  const count = Math.ceil(all.length / WINDOW);
  return Array.from({ length: count }, (_, at) => all.slice(at * WINDOW, (at + 1) * WINDOW));
}
