import { CodedError } from '#shared/errors.js';
import type { Settings } from '../config/settings.js';
import type { Caller } from '../identity/caller.js';

/** Throws `role_missing` for whom no group makes an owner of the server; a server that there is not has none. */
export function refuseStranger(servers: Settings['servers'], server: string, { session }: Caller): void {
  const owners = Object.hasOwn(servers, server) ? (servers[server]?.owners ?? []) : [];
  if (owners.some((group) => session.groups.includes(group))) return;
  throw new CodedError('role_missing', {
    message: `Your account has none of the roles that read this, and no group of yours is named as an owner of the server ${JSON.stringify(server.slice(0, 24))} (servers.<id>.owners).`,
  });
}
