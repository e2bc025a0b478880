import { createServer } from 'node:http';
import { Pool } from 'undici';

/** The floor for a proxy in Node: `node:http` in, `undici` dispatch out, bytes piped. PORT → UPSTREAM. */
const pool = new Pool(process.env['UPSTREAM'] ?? '', { connections: 128 });

createServer((request, response) => {
  pool.dispatch(
    {
      method: 'POST',
      path: request.url ?? '/',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      body: request,
    },
    {
      onRequestStart: () => undefined,
      onResponseStart: (controller, status, headers) => {
        response.writeHead(status, headers as Record<string, string>);
        response.on('drain', () => controller.resume());
      },
      onResponseData: (controller, chunk) => {
        if (!response.write(chunk)) controller.pause();
      },
      onResponseEnd: () => response.end(),
      onResponseError: () => response.destroy(),
    },
  );
}).listen(Number(process.env['PORT']), '127.0.0.1', () => process.send?.('ready'));
