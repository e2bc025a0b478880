import { configurationProfile } from './configuration-profile.js';
import { EXECUTABLES, type Kit, type KitFile, type KitSystem } from './kit.js';

/** `requirements.toml` of Codex and ChatGPT desktop: a server runs only if name and command are these. */
export function codexFiles(kit: Kit): KitFile[] {
  const payload = {
    domain: 'com.openai.codex',
    title: 'Codex: mcp-sso',
    settings: { requirements_toml_base64: Buffer.from(requirements('macos')).toString('base64') },
  };
  return [
    { path: 'codex/linux/requirements.toml', content: requirements('linux') },
    { path: 'codex/windows/requirements.toml', content: requirements('windows') },
    { path: 'codex/macos/com.openai.codex.mobileconfig', content: configurationProfile(kit, payload) },
  ];
}

/** A JSON string is a basic string of TOML too, as long as it holds no DEL: these paths are our own. */
function requirements(system: KitSystem): string {
  return `[mcp_servers.mcp-sso.identity]\ncommand = ${JSON.stringify(EXECUTABLES[system])}\n`;
}
