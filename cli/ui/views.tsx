import { renderToString } from 'ink';
import type { ReactElement } from 'react';
import { FactsView } from './facts-view.js';
import { FindingView } from './finding-view.js';
import type { Look } from './look.js';
import { LookContext } from './paint.js';
import { startProgress } from './progress-view.js';
import type { Screen, ServerLine } from './screen.js';
import { ServersView } from './servers-view.js';
import { SignedInView, SignInView } from './sign-in-view.js';

/** The screen of one terminal. In the executable this file and all below it are a module of their own: see open-screen.ts. */
export function screenWith(look: Look): Screen {
  const draw = (view: ReactElement): string =>
    `${renderToString(<LookContext.Provider value={look}>{view}</LookContext.Provider>, { columns: look.columns })}\n`;
  return {
    signInTask: (task) => `${draw(<SignInView task={task} />)}${task.url}\n\n`,
    signedIn: (who, origin, note) => draw(<SignedInView who={who} origin={origin} note={note} />),
    facts: (lines) => draw(<FactsView facts={lines} />),
    servers: (found) => draw(<ServersView servers={found} />) + found.map(connectText).join(''),
    finding: (line) => draw(<FindingView line={line} />),
    progress: (label) => startProgress(look, label),
  };
}

/** Not drawn: drawn, a long address would break when it is copied. */
function connectText({ id, connect }: ServerLine): string {
  return connect === undefined ? '' : `\nConnect your own account of ${id}:\n${connect}\n`;
}
