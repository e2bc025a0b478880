import { CLIENTS, type ClientName } from './clients.js';
import { describeMatrix, type Cell } from './matrix.js';
import { SERVERS } from './servers.js';

describeMatrix((Object.keys(CLIENTS) as ClientName[]).flatMap((client) => SERVERS.map(({ id }): Cell => [client, id])));
