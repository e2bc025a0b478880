import { decodeJwt } from 'jose';
import { expect, test } from 'vitest';
import { PATHS } from '#shared/api/paths.js';
import { SessionsService } from '../../sessions/sessions.service.js';
import { startApplication } from '../../testing/application.js';
import { TestClient } from '../../testing/client.js';
import { IDP_CLIENT } from '../../testing/idp.js';
import { LOGOUT } from '../testing/receiver.js';

test.each([
  [true, 200, false],
  [false, 400, true],
])('with backchannelLogout: %s a logout is answered %i', async (backchannelLogout, status, lives) => {
  await using system = await startApplication({ provider: { backchannelLogout } });
  system.idp.users.set('alice', { groups: [], active: true });
  const { access_token: token } = await (await TestClient.of(system.publicUrl)).signIn('alice');
  const logout_token = await system.idp.sign({ aud: IDP_CLIENT.id, events: LOGOUT, sub: 'alice' });
  const body = new URLSearchParams({ logout_token });
  expect((await fetch(system.publicUrl + PATHS.backchannelLogout, { method: 'POST', body })).status).toBe(status);
  const session = await system.app.get(SessionsService).find(String(decodeJwt(token)['sid']));
  expect(session !== undefined).toBe(lives);
});
