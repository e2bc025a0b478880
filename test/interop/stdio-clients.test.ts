import { describeStdioClients } from './through-stdio.js';
import { inspector, sdkV1, sdkV2 } from './stdio-clients.js';

describeStdioClients({
  'SDK v1': sdkV1,
  'SDK v2, legacy': sdkV2('legacy'),
  'SDK v2, auto': sdkV2('auto'),
  'Inspector CLI': inspector,
});
