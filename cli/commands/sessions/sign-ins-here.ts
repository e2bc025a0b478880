import { z } from 'zod';
import { openStore } from '../../credential-store/open-store.js';
import { requireUrl, resolveSettings } from '../../system/settings.js';
import type { CommandContext } from '../context.js';

const claimsSchema = z.object({ sid: z.string() });

/** Ids of the sessions whose tokens this computer keeps for the control plane of the settings. */
export async function signInsHere(context: CommandContext): Promise<ReadonlySet<string>> {
  const settings = await resolveSettings(context);
  const { value: origin } = requireUrl(settings);
  const { store } = await openStore(context.paths, settings.credentialStore?.value);
  const slots = (await store.slots()).filter((slot) => slot.origin === origin);
  const saved = await Promise.all(slots.map((slot) => store.read(slot)));
  const ids = saved.map((signIn) => sessionIn(signIn?.accessToken ?? ''));
  return new Set(ids.filter((id) => id !== undefined));
}

/** What our own token says (`sid`); only to recognize it in a list, so that nobody need check its signature. */
function sessionIn(accessToken: string): string | undefined {
  try {
    const payload: unknown = JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString());
    return claimsSchema.safeParse(payload).data?.sid;
  } catch {
    return undefined;
  }
}
