import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { expect, inject, test } from 'vitest';
import { PostgresServer, serverUser } from '../../../test/support/postgres-server.js';
import { openPostgresForMigration } from './postgres.js';

/** A self-signed certificate that names 127.0.0.1 and not localhost, with its key for the server alone. */
function certificate(): { folder: string; file: string; key: string } {
  const folder = mkdtempSync(join(tmpdir(), 'mcp-sso-tls-'));
  const [file, key] = [join(folder, 'server.pem'), join(folder, 'server.key')];
  const subject = ['-subj', '/CN=database', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2'];
  const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  execFileSync('openssl', [...made, ...subject, '-keyout', key, '-out', file], { stdio: 'ignore' });
  const user = serverUser();
  chmodSync(folder, 0o755);
  chmodSync(key, 0o600);
  if (user.uid !== undefined) chownSync(key, user.uid, user.gid);
  return { folder, file, key };
}

test.skipIf(inject('postgresUrl') === null || PostgresServer.installed() === undefined)(
  'verify-full encrypts, and refuses a server whose certificate is unknown or has another name',
  async () => {
    const { folder, file, key } = certificate();
    await using server = await PostgresServer.start({
      durable: false,
      settings: ['ssl=on', `ssl_cert_file=${file}`, `ssl_key_file=${key}`],
    });
    const db = await openPostgresForMigration(`${server.url}?sslmode=verify-full&sslrootcert=${file}`);
    const { rows } = await sql`select ssl from pg_stat_ssl where pid = pg_backend_pid()`.execute(db);
    await db.destroy();
    expect(rows).toEqual([{ ssl: true }]);
    await expect(openPostgresForMigration(`${server.url}?sslmode=verify-full`)).rejects.toThrow(
      'cannot be opened: its TLS certificate is not trusted.',
    );
    const named = server.url.replace('127.0.0.1', 'localhost');
    await expect(openPostgresForMigration(`${named}?sslmode=verify-full&sslrootcert=${file}`)).rejects.toThrow(
      'cannot be opened: its TLS certificate is not trusted.',
    );
    rmSync(folder, { recursive: true });
  },
  30_000,
);
