import { HOSTED } from '../company/catalog.js';
import type { Company } from '../company/company.js';
import { oldCalling, type Target } from '../load/calls.js';
import type { LoadJob } from '../load/job.js';
import { openSession } from '../load/session.js';
import type { OtherGateways } from '../peers/other-gateways.js';
import type { Section } from '../table/row.js';
import { contest, type Contender } from './contest.js';
import { MANY, SECONDS, SERVER, TOOL, type Field } from './field.js';

/** Open gateways beside ours. They know no server of 2026-07-28, some only stdio: so the client and the tool are the same, of 2025-11-25. */
export async function measureOtherGateways(field: Field, others: OtherGateways): Promise<Section> {
  const { load, rounds, bare, sqlite } = field;
  const contenders = [
    contender('old-http', 'control plane, HTTP server, all security on', await ours(sqlite, SERVER)),
    contender('mcp-hub', 'mcp-hub, HTTP server', await others.hub(MANY, SECONDS)),
    contender('old-hosted', 'control plane, stdio server, all security on', await ours(sqlite, HOSTED)),
    contender('mcp-proxy', 'mcp-proxy, stdio server', await others.proxy(oldCall)),
    contender('supergateway', 'supergateway, stdio server', await others.supergateway(oldCall)),
  ];
  const standings = await contest({ load, rounds, baseline: oldCall({ url: `${bare}/${SERVER}` }) }, contenders);
  return {
    title: 'Open gateways, 2025-11-25 (mcp-hub: HTTP+SSE), 64 connections: answers a second ÷ those of a bare proxy',
    rows: standings.map(({ row }) => row),
  };
}

function oldCall(to: Target): LoadJob {
  return oldCalling(TOOL, to, MANY, SECONDS);
}

function contender(id: string, what: string, job: Contender['job']): Contender {
  return { about: { id, what, unit: 'x' }, job };
}

async function ours(company: Company, server: string): Promise<Contender['job']> {
  const path = `/mcp/${server}`;
  const url = company.stack.addresses.publicUrl + path;
  try {
    const opened = company.clients.bearer.map(async (client) => {
      return { ...client, session: await openSession(url, client.accessToken) };
    });
    return oldCall(company.at(path, await Promise.all(opened)));
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
