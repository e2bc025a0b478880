import type { ConfigNode } from './config-node.js';

/** What a parser makes of a text; the reason quotes nothing of it. */
export type Parsed =
  | { readonly node: ConfigNode; readonly fault?: undefined }
  | { readonly node?: undefined; readonly fault: { readonly reason: string; readonly line: number } };
