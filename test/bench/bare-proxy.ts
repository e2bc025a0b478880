import { createServer } from 'node:http';
import { Pool } from 'undici';
import { forwardBytes } from './byte-forwarding.js';

/** The floor for a proxy in Node: `node:http` in, `undici` dispatch out, bytes piped. PORT → UPSTREAM. */
const pool = new Pool(process.env['UPSTREAM'] ?? '', { connections: 128 });

createServer((request, response) => {
  void forwardBytes(pool, request.url ?? '/', request, response);
}).listen(Number(process.env['PORT']), '127.0.0.1', () => process.send?.('ready'));
