import { expect, test } from 'vitest';
import { screenWith } from './views.js';

const NARROW = screenWith({ columns: 40, color: false, unicode: true });
const ASCII = screenWith({ columns: 80, color: false, unicode: false });
const URL = `https://mcp.example.com/oauth/authorize?${'x'.repeat(200)}`;

test('the address of a sign-in is one line, however narrow the terminal: it has to survive a copy', () => {
  const task = { origin: 'https://mcp.example.com', url: URL, opened: true };
  expect(NARROW.signInTask(task).split('\n')).toContain(URL);
});

test('a code stands in a box', () => {
  const task = { origin: 'https://a.example', url: 'https://a.example/oauth/device', code: 'ABCD-EFGH', opened: false };
  expect(ASCII.signInTask(task)).toBe(`Sign in at https://a.example

Type this code in a browser on any computer. It is good for ten minutes.

+-----------------+
|                 |
|    ABCD-EFGH    |
|                 |
+-----------------+

Open:
https://a.example/oauth/device

`);
});

test('servers keep their columns where lines are narrow', () => {
  const found = [
    { id: 'crm', title: 'Customers', state: 'answers', tone: 'good' as const },
    { id: 'github', title: '', state: 'waits for your own connection', tone: 'warning' as const, connect: URL },
  ];
  expect(NARROW.servers(found)).toBe(`✓ crm     Customers
          answers
! github  waits for your own connection

Connect your own account of github:
${URL}
`);
});

test('who is signed in, and what to know of it', () => {
  expect(ASCII.signedIn('Alice (alice@example.com)', 'https://a.example', 'Kept in a file.')).toBe(
    '+ Signed in as Alice (alice@example.com) at https://a.example\n! Kept in a file.\n',
  );
});
