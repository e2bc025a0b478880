import { CodedError } from '#shared/errors.js';

/** Program and arguments of the hook: absolute, as each account runs it when it logs in. */
export type HookCommand = readonly [string, ...string[]];

/** A file by which the system starts something when anyone logs in. */
export interface HookFile {
  readonly file: string;
  readonly text: string;
}

const NAME = 'mcp-sso-setup';
const COMMENT = 'Written by mcp-sso setup for all users of this machine, which also takes it out.';

/**
 * The files that start `command` at each login. Linux: at desktops (XDG autostart), and in login shells of sh and bash, which
 * is how ssh and the console come in. macOS: launchd, in the account's own session. Throws CodedError config_invalid for a path
 * that those files could not hold as it is.
 */
export function hookFiles(platform: 'linux' | 'darwin', command: HookCommand, lowestUid: number): HookFile[] {
  if (platform === 'darwin') {
    return [{ file: '/Library/LaunchAgents/com.mcp-sso.setup.plist', text: launchAgent(command) }];
  }
  requirePlain(command);
  return [
    { file: `/etc/xdg/autostart/${NAME}.desktop`, text: desktopEntry(command) },
    { file: `/etc/profile.d/${NAME}.sh`, text: profileScript(command, lowestUid) },
  ];
}

/** What neither a shell nor a desktop entry reads otherwise than as itself. */
function requirePlain(command: HookCommand): void {
  const odd = command.find((part) => !/^[\w./+@-]+$/.test(part));
  if (odd === undefined) return;
  const message = `${odd} has characters that a hook at login cannot hold. Install mcp-sso as /usr/local/bin/mcp-sso, then try again.`;
  throw new CodedError('config_invalid', { message });
}

/** Desktop Entry and Autostart specifications of freedesktop.org. Without the program the entry counts as absent (TryExec). */
function desktopEntry(command: HookCommand): string {
  const lines = [
    `# ${COMMENT}`,
    '[Desktop Entry]',
    'Type=Application',
    'Name=mcp-sso setup',
    'Comment=Lets your AI apps use the MCP servers of your company',
    `Exec=${command.join(' ')}`,
    `TryExec=${command[0]}`,
    'Terminal=false',
    'NoDisplay=true',
  ];
  return `${lines.join('\n')}\n`;
}

/** Works under `set -eu`, says nothing, and leaves its work to the background: it can neither delay nor fail a login. */
function profileScript([program, ...args]: HookCommand, lowestUid: number): string {
  const lines = [
    `# ${COMMENT}`,
    `if [ -x ${program} ] && [ "$(id -u 2>/dev/null || echo 0)" -ge ${lowestUid} ]; then`,
    `  (${[program, ...args].join(' ')} </dev/null >/dev/null 2>&1 &)`,
    'fi',
  ];
  return `${lines.join('\n')}\n`;
}

/** launchd.plist(5). */
function launchAgent(command: HookCommand): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!-- ${COMMENT} -->
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>com.mcp-sso.setup</string>
  <key>ProgramArguments</key>
  <array>
${command.map((part) => `    <string>${xml(part)}</string>`).join('\n')}
  </array>
  <key>RunAtLoad</key>
  <true/>
  <key>ProcessType</key>
  <string>Background</string>
</dict>
</plist>
`;
}

function xml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
