import { getRawAsset, isSea } from 'node:sea';
import { constants, Script } from 'node:vm';
import type { CommandContext } from '../commands/context.js';
import type { Progress, Screen } from './screen.js';
import type * as ViewsModule from './views.js';

type Views = typeof ViewsModule;

/** The screen of a person at a terminal; undefined where plain text or JSON is wanted. ink is loaded here and nowhere else. */
export async function openScreen({ json, terminal }: CommandContext): Promise<Screen | undefined> {
  if (json || terminal === undefined) return undefined;
  const { screenWith } = isSea() ? await embeddedViews() : await import('./views.js');
  return screenWith(terminal);
}

/** Does the work while a line says so. */
export async function whileShowing<T>(
  screen: Screen | undefined,
  label: string,
  work: (progress: Progress | undefined) => Promise<T>,
): Promise<T> {
  const progress = screen?.progress(label);
  try {
    return await work(progress);
  } finally {
    await progress?.stop();
  }
}

/**
 * ink waits at its top level, so it can't be part of the executable's CommonJS file. It comes as a module of its own,
 * straight from the executable's memory: a file in between could be replaced.
 */
async function embeddedViews(): Promise<Views> {
  const module = `data:text/javascript;base64,${Buffer.from(getRawAsset('views.mjs')).toString('base64')}`;
  // The executable's own import() knows built-in modules only.
  const importModuleDynamically = constants.USE_MAIN_CONTEXT_DEFAULT_LOADER;
  const load = new Script('(address) => import(address)', { importModuleDynamically }).runInThisContext() as (
    address: string,
  ) => Promise<Views>;
  return load(module);
}
