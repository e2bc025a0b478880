import { createServer, type ServerResponse } from 'node:http';
import { answerTo } from './answers.js';

/** An MCP server of both eras that answers as fast as Node can, without sessions. Listens on PORT, any path. */
createServer((request, response) => {
  if (request.method !== 'POST') {
    response.writeHead(405).end();
    return;
  }
  let body = '';
  request.setEncoding('utf8');
  request.on('data', (chunk: string) => (body += chunk));
  request.on('end', () => answer(body, response));
}).listen(Number(process.env['PORT']), '127.0.0.1', () => process.send?.('ready'));

function answer(body: string, response: ServerResponse): void {
  const text = answerTo(JSON.parse(body) as Parameters<typeof answerTo>[0]);
  if (text === undefined) {
    response.writeHead(202).end();
    return;
  }
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}
