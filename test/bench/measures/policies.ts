import { growingCatalog, idsOf } from '../company/catalog.js';
import { Instrumented } from '../instrumented/instrumented.js';
import { inPairs } from '../table/pairs.js';
import { measured, type Row } from '../table/row.js';
import { manyCalls, SERVER, type Field } from './field.js';

const SERVERS = 200;
const FEW = 10;
const MANY = 10_000;

/**
 * What a call costs with 10,000 policies over 200 servers against 10: the rate ÷ bare proxy of each, one ÷ the other.
 * The calls go to the ten servers that both let engineering use.
 */
export function measurePolicies({ load, rounds, upstream, bare, sqlite }: Field): Promise<Row> {
  const about = {
    id: 'policies',
    what: `cost of a call with ${MANY} policies over ${SERVERS} servers ÷ with ${FEW}`,
    unit: 'x' as const,
    target: { atMost: 1.5 },
  };
  const paths = idsOf(FEW).map((id) => `/mcp/${id}`);
  const ratioWith = async (policies: number): Promise<number> => {
    await sqlite.stack.stopControlPlane();
    sqlite.reconfigure(growingCatalog(upstream, SERVERS, policies));
    using _instrumented = await Instrumented.start(sqlite, upstream);
    const ours = manyCalls({ ...sqlite.at(`/mcp/${SERVER}`, sqlite.clients.bearer), paths });
    const theirs = manyCalls({ url: `${bare}/${SERVER}` });
    const { ratio } = await inPairs(
      rounds,
      async () => (await load.run(ours)).rate,
      async () => (await load.run(theirs)).rate,
    );
    return ratio;
  };
  return measured(about, async () => {
    const few = await ratioWith(FEW);
    const many = await ratioWith(MANY);
    return {
      value: few / many,
      detail: `${few.toFixed(2)} ÷ ${many.toFixed(2)} of a bare proxy`,
    };
  });
}
