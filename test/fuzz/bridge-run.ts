import { isObject, type JsonObject } from '#shared/mcp/json-rpc.js';
import { Laptop } from '../../demo/walk/laptop.js';
import { Random } from '../support/random.js';
import { leaks } from './answer-faults.js';
import { answerTo, ECHOES, lineOf, pieces, type Line } from './bridge-lines.js';
import { FuzzedBridge } from './fuzzed-bridge.js';
import type { Findings } from './gateway-run.js';
import { grown, settledWith } from './growth.js';
import { LineLedger } from './line-ledger.js';
import { numbers, seedOf, type FuzzSettings } from './settings.js';
import { envelope, initializeParams } from './speech.js';
import { PEOPLE, type PersonName, type Stand } from './stand.js';

/** Lines between two moments at which everything must have been answered. */
const WINDOW = 100;
const PROBE_EVERY = 1_000;
/** Milliseconds without a word, while something waits for an answer. */
const PATIENCE = 90_000;
const SHOWN = 20;
const TWINS = [-7, '-7'] as const;

/** Writes malformed lines to a bridge of each person at once, and looks for what must never be. */
export async function fuzzBridges(stand: Stand, settings: FuzzSettings): Promise<Findings> {
  const { stack, controlPlane } = stand;
  const laptops = PEOPLE.map((name) => new Laptop(name, stack.folder));
  await Promise.all(laptops.map((laptop) => laptop.login(stack.addresses.publicUrl)));
  const runs = await Promise.all(
    PEOPLE.map(async (name, at) => {
      const mine = numbers(settings).filter((number) => number % PEOPLE.length === at);
      return fuzzOne(await FuzzedBridge.start(laptops[at]!), stand, name, mine, settings);
    }),
  );
  await Promise.all(laptops.map((laptop) => laptop.run('logout')));
  const leftOver = await settledWith(
    () => stand.hosted(),
    (pids) => pids.length === 0,
  );
  return {
    faults: runs.flatMap(({ faults }) => faults).slice(0, SHOWN),
    crossed: stand.crossed(),
    unforeseen: [...stand.unforeseen(), ...runs.flatMap(({ unforeseen }) => unforeseen)],
    alive: controlPlane.running && runs.every(({ alive }) => alive),
    growth: runs.map(({ growth }) => growth).join(''),
    leftOver,
  };
}

interface Run {
  readonly faults: readonly string[];
  readonly unforeseen: readonly string[];
  readonly alive: boolean;
  readonly growth: string;
}

async function fuzzOne(
  bridge: FuzzedBridge,
  { markers, stack }: Stand,
  name: PersonName,
  mine: readonly number[],
  settings: FuzzSettings,
): Promise<Run> {
  const marker = markers[name];
  const foreign = [...PEOPLE.filter((other) => other !== name).map((other) => markers[other]), stack.apiKey];
  const random = new Random(settings.seed);
  const ledger = new LineLedger();
  const faults: string[] = [];
  await bridge.ask({ id: 'begin', method: 'initialize', params: initializeParams(marker) });
  faults.push(...(await probeFaults(bridge, marker)));
  let before = await bridge.inspected.holdings();
  for (let at = 0; at < mine.length && faults.length < SHOWN; at += WINDOW) {
    const lines = mine
      .slice(at, at + WINDOW)
      .map((number) => lineOf(number, marker, new Random(seedOf(settings, number))));
    faults.push(...(await windowFaults(bridge, ledger, lines, marker, foreign, random)));
    if (at === 0) before = await bridge.inspected.holdings();
    const probed = at % PROBE_EVERY === 0 || at + WINDOW >= mine.length;
    if (probed) faults.push(...(await probeFaults(bridge, marker)));
  }
  const growth = await grown(bridge.inspected, before);
  const alive = bridge.inspected.running;
  const unforeseen = bridge.unforeseen();
  const code = await bridge.end();
  return { faults, unforeseen, alive: alive && code === 0, growth };
}

/** Writes lines in pieces while it hears what comes back, until each request has its answer. */
async function windowFaults(
  bridge: FuzzedBridge,
  ledger: LineLedger,
  lines: readonly Line[],
  marker: string,
  foreign: readonly string[],
  random: Random,
): Promise<string[]> {
  const faults: string[] = [];
  const repeated = lines.flatMap((line) => (random.below(10) === 0 ? [line, line] : [line]));
  for (const { bytes } of repeated) ledger.sent(bytes);
  const cancellations = repeated.filter(({ open }) => open).flatMap(({ bytes }) => cancellationOf(bytes, ledger));
  const said = [...repeated.map(({ bytes }) => bytes), ...cancellations].flatMap((bytes) => [bytes, Buffer.from('\n')]);
  const writing = (async () => {
    for (const piece of pieces(Buffer.concat(said), random)) await bridge.write(piece);
  })();
  for (;;) {
    const line = await bridge.heard(ledger.waiting().length > 0 ? PATIENCE : 200);
    if (line === undefined) break;
    const found = [...ledger.heard(line), ...leaks(line, foreign)];
    faults.push(...found.map((fault) => `${fault}\n  said ${line.slice(0, 1_000)}${askedFor(line, lines)}`));
    const question = questionIn(line);
    if (question === undefined) continue;
    // Nonsense first: it may be taken for the answer or not, but the call must end with the right one.
    const answers = [answerTo(question, marker, random), Buffer.from(rightAnswer(question))];
    for (const answer of answers) ledger.sent(answer);
    // Not between two pieces of another line.
    await writing;
    await bridge.write(Buffer.concat(answers.flatMap((answer) => [answer, Buffer.from('\n')])));
  }
  await writing;
  faults.push(...ledger.waiting().map((id) => `no answer to ${id}${sentUnder(id, lines)}`));
  ledger.giveUp();
  return faults;
}

function cancellationOf(bytes: Buffer, ledger: LineLedger): Buffer[] {
  const requestId = idIn(bytes.toString());
  ledger.cancelled(requestId);
  return [Buffer.from(JSON.stringify({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId } }))];
}

/** The id of a server's request to the app. */
function questionIn(line: string): unknown {
  const message: unknown = JSON.parse(line);
  return isObject(message) && typeof message['method'] === 'string' ? message['id'] : undefined;
}

function rightAnswer(id: unknown): string {
  return JSON.stringify({ jsonrpc: '2.0', id, result: { action: 'accept', roots: [] } });
}

/** An id that can be compared: a text or a number. A byte order mark before the line is a space to `trim`. */
function idIn(text: string): unknown {
  try {
    const id = (JSON.parse(text.trim()) as { id?: unknown } | null)?.id;
    return typeof id === 'object' ? undefined : id;
  } catch {
    return undefined;
  }
}

function askedFor(line: string, lines: readonly Line[]): string {
  return sentUnder(JSON.stringify(idIn(line)), lines);
}

function sentUnder(id: string | undefined, lines: readonly Line[]): string {
  const line = lines.find(({ bytes }) => JSON.stringify(idIn(bytes.toString())) === id);
  return line === undefined ? '' : `\n  to FUZZ_ONLY=${line.number} ${line.bytes.toString().slice(0, 1_500)}`;
}

/** Well-formed calls of every server in both eras, under ids that only look alike. */
async function probeFaults(bridge: FuzzedBridge, marker: string): Promise<string[]> {
  const faults: string[] = [];
  for (const name of ECHOES) {
    for (const id of TWINS) {
      for (const meta of [{}, { _meta: envelope(marker) }]) {
        const text = `${marker} ${typeof id}`;
        const answer: JsonObject = await bridge.ask({
          id,
          method: 'tools/call',
          params: { name, arguments: { text }, ...meta },
        });
        if (!JSON.stringify(answer).includes(text)) faults.push(`probe of ${name}: ${JSON.stringify(answer)}`);
      }
    }
  }
  return faults;
}
