/** What a run leaves behind where every rule held. */
export const UNHARMED = { faults: [], crossed: '', unforeseen: [], alive: true, growth: '', leftOver: [] };
