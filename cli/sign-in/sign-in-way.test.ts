import { expect, test } from 'vitest';
import { signInWay } from './sign-in-way.js';

const DISPLAY = { DISPLAY: ':7777' };

test.each([
  [{ device: false, openBrowser: true }, DISPLAY, false, 'browser'],
  [{ device: false, openBrowser: true }, {}, false, 'headless'],
  [{ device: false, openBrowser: true }, { ...DISPLAY, SSH_TTY: '/dev/pts/0' }, false, 'headless'],
  [{ device: false, openBrowser: true }, { ...DISPLAY, SSH_CONNECTION: '10.0.0.1 1 10.0.0.2 22' }, false, 'headless'],
  [{ device: false, openBrowser: true }, DISPLAY, true, 'headless'],
  [{ device: false, openBrowser: false }, {}, true, 'browser'],
  [{ device: true, openBrowser: true }, DISPLAY, false, 'device'],
  [{ device: true, openBrowser: false }, {}, true, 'device'],
] as const)('%o with %o, container %s: %s', (wishes, env, inContainer, way) => {
  expect(signInWay(wishes, 'linux', env, inContainer)).toBe(way);
});
