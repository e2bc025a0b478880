import type { Role } from '../config/settings.js';

/** Who sees and ends other people's sessions (design §4.2). */
export const SUPPORT_ROLES = ['helpdesk', 'admin', 'owner'] as const satisfies readonly Role[];
