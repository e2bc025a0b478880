import { casesFor, groupOf, type Kit } from './kit.js';
import { UNKNOWN_TOOL, type Surroundings } from './surroundings.js';

/** Contractors work in business hours. */
export function businessHours({ provider, servers }: Surroundings): Kit {
  const name = 'business-hours';
  const [first] = servers;
  if (first === undefined) return { name, leftOut: 'there is no server yet' };
  const group = `${provider}/contractors`;
  const reading = servers.find(({ tools }) => tools.read !== undefined);
  const as = { groups: [group], managedDevice: true };
  const night = {
    name: 'at night, contractors do nothing',
    as,
    at: '2026-01-07T22:30:00Z',
    server: (reading ?? first).id,
    tool: reading?.tools.read ?? UNKNOWN_TOOL,
    expect: 'deny' as const,
    by: ['contractors-business-hours'],
  };
  const cedar = `// Contractors use nothing before 7:00 and after 19:00. The hours are UTC: move them to where your people are.
// It is a forbid, so it takes access away and never gives any.

@id("contractors-business-hours")
@reason("Contractors may work from 7:00 to 19:00 UTC.")
forbid (
  principal in ${groupOf(group)},
  action,
  resource
) when {
  context.session.now.toTime() < duration("7h") || context.session.now.toTime() >= duration("19h")
};
`;
  return { name, cedar, cases: [night] };
}

/** Changes come from managed devices. */
export function managedDevices({ provider, servers, knowsDevices }: Surroundings): Kit {
  const name = 'managed-devices';
  const [first] = servers;
  if (first === undefined) return { name, leftOut: 'there is no server yet' };
  if (!knowsDevices) {
    return { name, leftOut: 'no identity provider says which devices are managed (managedDevice in mcp-sso.yaml)' };
  }
  const writing = servers.find(({ tools }) => tools.write !== undefined);
  const cedar = `// Whatever changes something comes from a device that the identity provider says is managed.
// It is a forbid: who may change anything at all is for other policies to say.

@id("changes-from-managed-devices")
@reason("Changes need a managed device.")
forbid (
  principal,
  action in [Mcp::Action::"write", Mcp::Action::"destroy"],
  resource
) unless {
  context.session.managedDevice
};
`;
  const denied = {
    name: 'nothing is changed from a device of one’s own',
    as: { groups: [`${provider}/engineering`], managedDevice: false },
    server: (writing ?? first).id,
    tool: writing?.tools.write ?? UNKNOWN_TOOL,
    expect: 'deny' as const,
    by: ['changes-from-managed-devices'],
  };
  return { name, cedar, cases: [denied] };
}

/** Nothing is destroyed before somebody else has agreed. */
export function destroyWithApproval({ provider, servers, approvers }: Surroundings): Kit {
  const name = 'destroy-with-approval';
  const [first] = servers;
  if (first === undefined) return { name, leftOut: 'there is no server yet' };
  const destroying = servers.find(({ tools }) => tools.destroy !== undefined) ?? first;
  const admins = `${provider}/it-admins`;
  const cedar = `// IT may use every tool; one that destroys, or that nobody has given an effect, waits until one of ${approvers} agrees.
// Nobody approves their own call. Put your own groups in place of ${admins} and ${approvers}.

@id("it-uses-tools")
@reason("IT looks after every server.")
permit (
  principal in ${groupOf(admins)},
  action in Mcp::Action::"call",
  resource
);

@id("destroy-with-approval")
@reason("Somebody else agrees before anything is destroyed.")
@require_approval(${JSON.stringify(approvers)})
forbid (
  principal,
  action in Mcp::Action::"destroy",
  resource
);
`;
  const tool = destroying.tools.destroy ?? UNKNOWN_TOOL;
  const as = { groups: [admins], managedDevice: true };
  const cases = casesFor(
    {
      name: 'what destroys waits for somebody else',
      as,
      server: destroying.id,
      tool,
      expect: 'approval' as const,
      by: ['destroy-with-approval'],
    },
    {
      name: 'an approval gives nobody what no policy permits',
      as: { ...as, groups: [] },
      server: destroying.id,
      tool,
      expect: 'deny' as const,
    },
  );
  return { name, cedar, cases };
}
