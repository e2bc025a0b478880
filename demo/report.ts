import type { Stack } from './stack/stack.js';
import type { Played } from './walk/chapter.js';
import type { Evidence } from './walk/evidence.js';
import { builtExecutable } from './walk/executable.js';
import type { Explained } from './walk/explained.js';
import { table } from './walk/table.js';

/** Leaves room for indents on a terminal of 100 columns. */
const WIDTH = 96;

/** Who called what, and what was decided by which policy. */
export function callTable(played: readonly Played[], evidence: Evidence): string {
  const rows = played.map(({ person, scene }, index) => {
    const entry = evidence.entries[index];
    const policy = entry?.policies.join(', ') ?? '';
    return [
      person,
      targetOf(scene.tool),
      scene.shown ?? entry?.decision ?? '',
      policy === '' ? (scene.decidedBy ?? 'none permits it') : policy,
      entry?.id ?? '',
    ];
  });
  return table(['who', 'called', 'result', 'policy', 'audit reference'], rows);
}

/** Why calls were not made: the policy that decided, or the permit that comes nearest and what it lacked. */
export function reasons(explained: readonly Explained[]): string {
  const blocks = explained.map(({ played, explanation, details }) => {
    const { person, group, scene } = played;
    const [near] = details.policies.length === 0 ? details.nearest : [];
    const deciding = details.texts.map(({ id, file, line }) => `Policy ${id}, ${file}:${line}`);
    const nearest = near ? [`It ${near.sentence} (${near.policy.file}:${near.policy.line})`] : [];
    return [
      `${person} (${group}) → ${targetOf(scene.tool)}   ${explanation.reference ?? ''}`,
      ...[explanation.sentence, ...deciding, ...nearest].map((line) => indent(wrapped(line), 2)),
    ].join('\n');
  });
  return blocks.join('\n');
}

/** How a person tries it by hand while the demo stays up. */
export function byHand(stack: Stack): string {
  const executable = builtExecutable();
  const entry = { mcpServers: { 'mcp-sso': { command: executable, args: ['bridge'] } } };
  return `Try it by hand (everything listens on this computer only):

  1. Sign in:   ${executable} login --url ${stack.addresses.publicUrl}
     Choose alice, bob, carol or dave on the page that opens; there is no password.
     Without a keychain on this computer, add --credential-store file.
  2. Connect Claude Desktop:   ${executable} setup claude-desktop
     or put this into claude_desktop_config.json and restart it:

${indent(JSON.stringify(entry, null, 2), 5)}

  3. As dave, look into the audit:   ${executable} audit search --since "1 hour ago"
     and at the policies:            ${executable} policy test
     docs/guides/policies.md goes on from there; the directory is ${stack.config}

Control plane      ${stack.addresses.publicUrl}   (MCP at ${stack.addresses.publicUrl}/mcp)
Approvals          ${stack.addresses.publicUrl}/approvals
Identity provider  ${stack.addresses.issuer}
Settings           ${stack.config}/mcp-sso.yaml
Policies           ${stack.config}/policies/company.cedar, and company.test.yaml with their cases
Logs               ${stack.folder}/logs`;
}

/** A command of `mcp-sso` as one types it. */
export function shellLine(words: readonly string[]): string {
  return ['mcp-sso', ...words.map((word) => (word.includes(' ') ? `"${word}"` : word))].join(' ');
}

/** Each line moved right. */
export function indent(text: string, by: number): string {
  return text.trimEnd().replaceAll(/^(?=.)/gm, ' '.repeat(by));
}

/** Lines of no more than `WIDTH` columns. */
export function wrapped(text: string): string {
  return text.replaceAll(new RegExp(`(.{1,${WIDTH}})(?:\\s+|$)`, 'g'), '$1\n').trimEnd();
}

/** `crm__list_customers` → `crm/list_customers`. */
function targetOf(tool: string): string {
  return tool.replace('__', '/');
}
