import { createInterface } from 'node:readline';
import { answerTo } from './answers.js';

/** The same server of 2025-11-25 over stdio, for gateways that know no other way. */
const KNOWN = ['initialize', 'ping', 'tools/list', 'tools/call'];

createInterface({ input: process.stdin }).on('line', (line) => {
  const text = answerTo(JSON.parse(line) as Parameters<typeof answerTo>[0], KNOWN);
  if (text !== undefined) process.stdout.write(`${text}\n`);
});
