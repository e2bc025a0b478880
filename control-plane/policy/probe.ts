import type { PolicyInput } from './decision.js';

/** Nobody has it, so only the engine's own failure can make the decision fail. */
export const PROBE: PolicyInput = {
  person: { id: 'usr_health', groups: [] },
  server: 'health',
  target: { kind: 'prompt', name: 'health' },
  context: {
    now: 0,
    address: '127.0.0.1',
    acr: null,
    amr: [],
    signedInAt: 0,
    sessionKind: 'person',
    client: 'health',
    claimedClient: null,
    device: null,
    managedDevice: false,
    agents: [],
  },
  args: {},
  serverLabels: [],
  networks: [],
  grant: undefined,
};
