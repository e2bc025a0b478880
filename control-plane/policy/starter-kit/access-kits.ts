import { casesFor, groupOf, serverOf, type Kit, type KitCase } from './kit.js';
import { serversLike, UNKNOWN_TOOL, type KnownServer, type Surroundings } from './surroundings.js';

const CRM = /crm|salesforce|hubspot|dynamics|zoho|pipedrive/;
const DEPLOYMENTS = /deploy|git|argo|jenkins|kube|k8s|(^|-)ci(-|$)|(^|-)cd(-|$)|terraform|vercel|aws|azure|gcp/;
const FINANCE = /erp|financ|pay|invoice|billing|ledger|netsuite|stripe|(^|-)sap(-|$)|account/;

/** Contractors read, and change nothing. */
export function contractors({ provider, servers }: Surroundings): Kit {
  const name = 'contractors-read-only';
  const group = `${provider}/contractors`;
  const [first] = servers;
  if (first === undefined) return { name, leftOut: 'there is no server yet' };
  const reading = servers.find(({ tools }) => tools.read !== undefined);
  const changing = servers.find(({ tools }) => tools.write !== undefined);
  const cedar = `// Contractors read at every server, and change nothing: the second policy holds even where another one permits more.
// Put your own group in place of ${group}; people of several groups count as contractors too.

@id("contractors-read")
@reason("Contractors may read.")
permit (
  principal in ${groupOf(group)},
  action in Mcp::Action::"read",
  resource
);

@id("contractors-change-nothing")
@reason("Contractors may not change anything.")
forbid (
  principal in ${groupOf(group)},
  action in [Mcp::Action::"write", Mcp::Action::"destroy"],
  resource
);
`;
  const as = { groups: [group], managedDevice: true };
  return {
    name,
    cedar,
    cases: casesFor(
      reading && call('a contractor reads', as, reading.id, reading.tools.read!, 'allow', ['contractors-read']),
      changing && call('a contractor writes nothing', as, changing.id, changing.tools.write!, 'deny', NOTHING),
      call('what nobody knows, no contractor uses', as, first.id, UNKNOWN_TOOL, 'deny', NOTHING),
    ),
  };
}

const NOTHING = ['contractors-change-nothing'];

/** Sales works with customers, and deletes none. */
export function salesCrm(around: Surroundings): Kit {
  return teamKit(around, {
    name: 'sales-crm',
    team: 'sales',
    servers: serversLike(around, CRM),
    leftOut: 'no server is called crm, salesforce or the like',
    comment:
      'Sales looks customers up and edits them; what deletes, and what nobody has given an effect, stays closed.',
    reason: 'Sales may read and edit customers.',
  });
}

/** Engineering deploys, and destroys nothing. */
export function engineeringDeployments(around: Surroundings): Kit {
  return teamKit(around, {
    name: 'engineering-deployments',
    team: 'engineering',
    servers: serversLike(around, DEPLOYMENTS),
    leftOut: 'no server is called deploy, github, argo or the like',
    comment: 'Engineering reads and deploys; what destroys, and what nobody has given an effect, stays closed.',
    reason: 'Engineering may read and deploy.',
  });
}

interface Team {
  readonly name: string;
  readonly team: string;
  readonly servers: readonly KnownServer[];
  readonly leftOut: string;
  readonly comment: string;
  readonly reason: string;
}

function teamKit({ provider }: Surroundings, { name, team, servers, leftOut, comment, reason }: Team): Kit {
  if (servers.length === 0) return { name, leftOut };
  const group = `${provider}/${team}`;
  const as = { groups: [group], managedDevice: true };
  const policies = servers.map(
    ({ id }) => `@id("${name}-${id}")
@reason("${reason}")
permit (
  principal in ${groupOf(group)},
  action in [Mcp::Action::"read", Mcp::Action::"write"],
  resource in ${serverOf(id)}
);
`,
  );
  const cases = servers.flatMap(({ id, tools: { read, write } }) =>
    casesFor(
      read === undefined ? undefined : call(`${team} reads at ${id}`, as, id, read, 'allow', [`${name}-${id}`]),
      write === undefined ? undefined : call(`${team} writes at ${id}`, as, id, write, 'allow', [`${name}-${id}`]),
      call(`${team} destroys nothing at ${id}`, as, id, UNKNOWN_TOOL, 'deny'),
      call(`nobody else gets in at ${id}`, { groups: [], managedDevice: true }, id, read ?? UNKNOWN_TOOL, 'deny'),
    ),
  );
  return { name, cedar: `// ${comment}\n// Put your own group in place of ${group}.\n\n${policies.join('\n')}`, cases };
}

/** Finance signs in anew before it touches money. */
export function financeStepUp(around: Surroundings): Kit {
  const name = 'finance-step-up';
  const servers = serversLike(around, FINANCE);
  if (servers.length === 0) return { name, leftOut: 'no server is called erp, finance, payments or the like' };
  const group = `${around.provider}/finance`;
  const policies = servers.map(
    ({ id }) => `@id("finance-${id}")
@reason("Finance may read and book after a sign-in from the last 15 minutes.")
@step_up_max_age("900")
permit (
  principal in ${groupOf(group)},
  action in [Mcp::Action::"read", Mcp::Action::"write"],
  resource in ${serverOf(id)}
);
`,
  );
  const cases = servers.flatMap(({ id, tools }) => {
    const tool = tools.write ?? tools.read;
    const as = { groups: [group], managedDevice: true };
    return casesFor(
      ...(tool === undefined
        ? []
        : [
            call(`finance at ${id}, just signed in`, { ...as, signInAgeMinutes: 10 }, id, tool, 'allow', [
              `finance-${id}`,
            ]),
            call(`finance at ${id}, signed in this morning`, { ...as, signInAgeMinutes: 180 }, id, tool, 'step-up'),
          ]),
      call(`nobody else gets in at ${id}`, { ...as, groups: [] }, id, tool ?? UNKNOWN_TOOL, 'deny'),
    );
  });
  const comment = `// Finance works at these servers only after a sign-in from the last 15 minutes; an older one is asked for again.
// Put your own group in place of ${group}; @step_up_acr("…") asks for a kind of sign-in too.

`;
  return { name, cedar: comment + policies.join('\n'), cases };
}

function call(
  name: string,
  as: KitCase['as'],
  server: string,
  tool: string,
  expect: KitCase['expect'],
  by?: readonly string[],
): KitCase {
  return { name, as, server, tool, expect, ...(by === undefined ? {} : { by }) };
}
