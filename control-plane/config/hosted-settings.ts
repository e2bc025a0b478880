import { z } from 'zod';

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
export const ISOLATION = /^(bubblewrap|none|user:[a-z_][a-z0-9_-]*)$/;

/** The keys of a server that the control plane runs itself, over stdio. Which of them fit together: `check-hosted.ts`. */
export const hostedKeys = {
  /** Program and arguments. A program without a slash is looked for on PATH; no argument may hold a secret. */
  command: z.array(z.string()).min(1).optional(),
  /** All that its environment holds besides PATH, HOME and LANG: texts, or `env:`, `file:`, `secret:` references. */
  env: z.record(z.string().regex(NAME, 'use letters, digits and underscores'), z.string()).default({}),
  /** Absolute path inside of the sandbox → reference to the secret that the file holds. */
  files: z.record(z.string(), z.string()).default({}),
  isolation: z.string().regex(ISOLATION).default('bubblewrap'),
  /** One process for everyone instead of one for each sign-in. */
  shared: z.boolean().default(false),
  /** Paths that it may read, besides the operating system's programs and libraries. */
  read: z.array(z.string().min(1)).default([]),
  /** Paths that it may also change. */
  write: z.array(z.string().min(1)).default([]),
  network: z.enum(['none', 'host']).default('none'),
  /** Minutes without a call after which the process ends. */
  idleMinutes: z.int().min(1).max(1440).default(10),
  /** Largest data segment of each of its processes, in MiB. */
  memoryMiB: z.int().min(64).max(1_048_576).default(1024),
} as const;

/** Names of `hostedKeys` that mean nothing for a server with a url. */
export const HOSTED_ONLY = Object.keys(hostedKeys).filter((key) => key !== 'command');

export type Isolation =
  | { readonly kind: 'bubblewrap' | 'none' }
  /** Another user of the operating system. */
  | { readonly kind: 'user'; readonly name: string };

/** `bubblewrap`, `none` or `user:NAME`, as the schema let it pass. */
export function isolationOf(text: string): Isolation {
  if (text.startsWith('user:')) return { kind: 'user', name: text.slice('user:'.length) };
  return { kind: text === 'none' ? 'none' : 'bubblewrap' };
}
