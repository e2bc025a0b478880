import { CodedError } from '#shared/errors.js';
import { openStore } from '../../credential-store/open-store.js';
import type { CredentialStore } from '../../credential-store/credential-store.js';
import type { ProbeResult } from '../../credential-store/keychain-probe.js';
import { found, known, type Check } from '../check.js';
import { fault } from '../faults/faults.js';
import { ok, type Found } from '../finding.js';

/** Where the key to the saved sign-ins is, whether it can be had, and whether it opens them. */
export const CREDENTIAL_STORE: Check = {
  name: 'credential-store',
  title: 'Credential store',
  needs: ['settings', 'folders'],
  limit: 6_000,
  code: 'credential_store',
  run: async ({ context, probeKeychain }, evidence) => {
    const chosen = known(evidence, 'settings').credentialStore?.value;
    if (chosen === 'memory') return found(memoryOnly('the settings say so'));
    const probed = chosen === 'file' ? 'usable' : await probeKeychain();
    const broken = chosen === 'file' ? undefined : judgeKeychain(probed);
    try {
      // Asked of the store itself too: sign-ins that the keychain seals must not seem gone where it is missing.
      if (broken && (probed !== 'missing' || chosen === 'keychain')) return found(broken);
      const { store } = await openStore(context.paths, chosen);
      if (store.kind === 'memory') return found(memoryOnly('this session has no keychain'));
      return { found: [await openSignIns(store)], learnt: { store } };
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      return found(broken ?? fault('credential-store', 'sign_ins_unreadable', { problem: error.message }));
    }
  },
};

/** What a probe means; undefined where the keychain can be used. */
export function judgeKeychain(probed: ProbeResult): Found | undefined {
  if (probed === 'usable') return undefined;
  const name = ({ missing: 'keychain_missing', locked: 'keychain_locked', hanging: 'keychain_hanging' } as const)[
    probed
  ];
  return fault('credential-store', name, {});
}

async function openSignIns(store: CredentialStore): Promise<Found> {
  const { length } = await store.slots();
  const kept = length === 0 ? 'Nothing is kept yet' : `${length} ${length === 1 ? 'sign-in is' : 'sign-ins are'} kept`;
  return ok(`${kept} in ${store.place}.`);
}

function memoryOnly(because: string): Found {
  return fault('credential-store', 'memory_only', { because });
}
