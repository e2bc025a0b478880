import { describeMatrix } from './matrix.js';

// Each client and each server once; every pair is in the long run.
describeMatrix([
  ['SDK v1', 'everything-sse'],
  ['SDK v2, legacy', 'everything-stdio'],
  ['SDK v2, auto', 'debug'],
  ['Inspector CLI', 'memory'],
  ['mcp-remote', 'files'],
  ['bridge', 'everything'],
]);
