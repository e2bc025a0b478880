import type { Role } from '../../config/settings.js';

/** Who writes policies, and who may look at them besides. */
export const AUTHORS = ['author', 'owner'] as const satisfies readonly Role[];
export const READERS = [...AUTHORS, 'auditor'] as const satisfies readonly Role[];
