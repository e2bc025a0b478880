import { canShowBrowser } from '../system/browser.js';

/** `headless`: by device where that is offered. */
export type SignInWay = 'browser' | 'device' | 'headless';

export interface WayWishes {
  /** `--device`. */
  readonly device: boolean;
  /** False where `--no-browser` asks for an address to open on this computer. */
  readonly openBrowser: boolean;
}

/** How to sign in here: as the person asked, else through the browser where one can be shown. */
export function signInWay(
  { device, openBrowser }: WayWishes,
  platform: NodeJS.Platform,
  env: Readonly<Record<string, string | undefined>>,
  inContainer?: boolean,
): SignInWay {
  if (device) return 'device';
  return !openBrowser || canShowBrowser(platform, env, inContainer) ? 'browser' : 'headless';
}
