import type { Stack } from '../stack/stack.js';
import { BridgeSession, type Answer } from './bridge.js';
import { expect } from './expect.js';
import { Laptop } from './laptop.js';
import type { Chapter, Scene } from './story.js';

/** One call as it went. */
export interface Played {
  readonly person: string;
  readonly group: string;
  readonly scene: Scene;
  readonly answer: Answer;
}

/** Plays one person's part of the story with the built executable; rejects at the first thing that is not as told. */
export async function play(stack: Stack, chapter: Chapter, say: (line: string) => void): Promise<Played[]> {
  const laptop = new Laptop(chapter.person, stack.folder);
  await laptop.login(stack.addresses.publicUrl, chapter.signsInBy === 'device' ? '--device' : '--no-browser');
  if (chapter.signsInBy === 'sign_in') await logout(laptop);
  const bridge = await BridgeSession.connect(laptop, { app: chapter.app, mode: chapter.mode });
  try {
    if (chapter.signsInBy === 'sign_in') await signInInsideTheApp(bridge, chapter, say);
    else
      say(
        `${chapter.person} (${chapter.group}) signed in with mcp-sso login${chapter.signsInBy === 'device' ? ' --device, by a code' : ''}`,
      );
    await checkList(bridge, chapter, say);
    const played: Played[] = [];
    for (const scene of chapter.scenes) {
      const answer = await bridge.call(scene.tool, scene.args);
      check(stack, chapter, scene, answer);
      played.push({ person: chapter.person, group: chapter.group, scene, answer });
    }
    return played;
  } finally {
    await bridge.close();
  }
}

async function logout(laptop: Laptop): Promise<void> {
  const { code, stderr } = await laptop.run('logout');
  expect(code === 0, `mcp-sso logout of ${laptop.person} ended with ${code}:\n${stderr}`);
}

async function signInInsideTheApp(bridge: BridgeSession, chapter: Chapter, say: (line: string) => void): Promise<void> {
  const before = await bridge.tools();
  expect(
    before.join() === 'sign_in',
    `Signed out, ${chapter.person} should see sign_in only, but sees: ${before.join(', ')}`,
  );
  const { code } = await bridge.signIn();
  const how = code === undefined ? '' : ', by a code';
  say(`${chapter.person} (${chapter.group}) signed in inside the AI app with its tool sign_in${how}; no restart`);
}

async function checkList(bridge: BridgeSession, chapter: Chapter, say: (line: string) => void): Promise<void> {
  const tools = await bridge.tools();
  const servers = [...new Set(tools.map((tool) => tool.split('__')[0] ?? tool))].toSorted();
  say(`  sees ${tools.length} tools${servers.length > 0 ? ` of ${servers.join(', ')}` : ''}`);
  expect(
    servers.join() === chapter.sees.join(),
    `${chapter.person} should see ${chapter.sees.join(', ')}, but sees: ${tools.join(', ')}`,
  );
  for (const hidden of chapter.neverSees) expect(!tools.includes(hidden), `${chapter.person} must not see ${hidden}`);
  for (const { tool, decision } of chapter.scenes) {
    expect(tools.includes(tool) === (decision === 'allow'), `${chapter.person}'s list is wrong about ${tool}`);
  }
}

function check(stack: Stack, chapter: Chapter, scene: Scene, answer: Answer): void {
  const who = `${chapter.person} → ${scene.tool}`;
  expect(answer.isError === (scene.decision === 'deny'), `${who}: expected ${scene.decision}, got: ${answer.text}`);
  expect(answer.text.includes(scene.says), `${who}: “${scene.says}” is missing in: ${answer.text}`);
  if (scene.decision === 'deny') expect(answer.reference !== undefined, `${who}: the denial has no reference`);
  if (scene.hides) expect(!answer.text.includes(stack.apiKey), `${who}: the API key reached the client`);
}
