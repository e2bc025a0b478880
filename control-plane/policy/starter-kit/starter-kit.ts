import type { PolicyFile, Settings } from '../../config/settings.js';
import { contractors, engineeringDeployments, financeStepUp, salesCrm } from './access-kits.js';
import { businessHours, destroyWithApproval, managedDevices } from './guard-kits.js';
import { formatCases } from './kit.js';
import { surroundingsOf } from './surroundings.js';

interface StarterKit {
  readonly files: readonly PolicyFile[];
  /** What does not apply here, and why. */
  readonly leftOut: readonly { readonly name: string; readonly why: string }[];
}

const KITS = [
  contractors,
  salesCrm,
  engineeringDeployments,
  financeStepUp,
  businessHours,
  managedDevices,
  destroyWithApproval,
] as const;

/** Policies for the common cases, each with its tests, for the servers, tools and roles of these settings. */
export function starterKit(settings: Settings): StarterKit {
  const kits = KITS.map((kit) => kit(surroundingsOf(settings)));
  return {
    files: kits.flatMap((kit) =>
      'leftOut' in kit
        ? []
        : [
            { file: `policies/${kit.name}.cedar`, text: kit.cedar },
            { file: `policies/${kit.name}.test.yaml`, text: formatCases(kit.name, kit.cases) },
          ],
    ),
    leftOut: kits.flatMap((kit) => ('leftOut' in kit ? [{ name: kit.name, why: kit.leftOut }] : [])),
  };
}
