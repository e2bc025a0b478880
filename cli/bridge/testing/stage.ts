import type { ServeParts } from '../serve.js';
import { App } from './app.js';
import { ScriptedControlPlane, type Script } from './control-plane.js';
import { MemorySession } from './session.js';

export interface Stage extends AsyncDisposable {
  readonly plane: ScriptedControlPlane;
  readonly session: MemorySession;
  readonly app: App;
}

/** A legacy app that has initialized, of a person who is signed in at a control plane that follows the script. */
export async function stage(script: Script, server?: string, more: Partial<ServeParts> = {}): Promise<Stage> {
  const plane = new ScriptedControlPlane(script);
  const session = new MemorySession(await plane.listen(), 'good');
  const app = new App(async () => session, { server, ...more });
  await app.initialize();
  const dispose = async (): Promise<void> => {
    await app.quit();
    await plane[Symbol.asyncDispose]();
  };
  return { plane, session, app, [Symbol.asyncDispose]: dispose };
}
