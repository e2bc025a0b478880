import { isObject } from '#shared/mcp/json-rpc.js';
import type { RegisteredClient } from './glewlwyd.js';
import { FRESH, providerModule, registration, SCOPES } from './settings.js';

const TIMEOUT_MS = 10_000;
/** Of the schema's first user. */
const ADMINISTRATOR = { username: 'admin', password: 'password' };

export interface GlewlwydPerson {
  readonly email: string;
  readonly groups: readonly string[];
  readonly enabled?: boolean;
}

/** A person's password there. */
export function passwordOf(person: string): string {
  return `${person}-of-the-company`;
}

/** Glewlwyd's own REST API, as its administrator uses it. */
export class GlewlwydAdministration {
  #cookie = '';

  constructor(private readonly origin: string) {}

  /** Everything that a fresh Glewlwyd needs before people can sign in to the client. */
  async setUp(client: RegisteredClient): Promise<void> {
    await this.#send('POST', 'auth/', ADMINISTRATOR);
    await this.#allowProperty('user', 'groups', true);
    await this.#allowProperty('client', 'backchannel_logout_uri', false);
    await this.#allowProperty('client', 'backchannel_logout_session_required', false);
    await this.#send('PUT', 'mod/reload/');
    for (const name of SCOPES) await this.#saveScope(name);
    await this.#send('POST', 'mod/plugin/', providerModule(this.origin));
    await this.#send('POST', 'client/', registration(client));
  }

  async addPerson(name: string, person: GlewlwydPerson): Promise<void> {
    await this.#send('POST', 'user/', { ...account(name, person), username: name, password: passwordOf(name) });
  }

  async changePerson(name: string, person: GlewlwydPerson): Promise<void> {
    await this.#send('PUT', `user/${name}`, account(name, person));
  }

  async removePerson(name: string): Promise<void> {
    await this.#send('DELETE', `user/${name}`);
  }

  async #saveScope(name: string): Promise<void> {
    const scope = { name, display_name: name, description: name, password_required: true, scheme: {} };
    const known = name === 'openid';
    const age = name === FRESH.scope ? FRESH.maxAge : 0;
    await this.#send(known ? 'PUT' : 'POST', known ? `scope/${name}` : 'scope/', { ...scope, password_max_age: age });
  }

  async #allowProperty(of: 'user' | 'client', property: string, multiple: boolean): Promise<void> {
    const module = await this.#send('GET', `mod/${of}/database`);
    const parameters = objectIn(module, 'parameters');
    const format = { multiple, read: true, write: true, 'profile-read': true, 'profile-write': false };
    const formats = { ...objectIn(parameters, 'data-format'), [property]: format };
    await this.#send('PUT', `mod/${of}/database`, {
      ...module,
      parameters: { ...parameters, 'data-format': formats },
    });
  }

  async #send(method: string, path: string, body?: object): Promise<Readonly<Record<string, unknown>>> {
    const response = await fetch(`${this.origin}/api/${path}`, {
      method,
      headers: { 'content-type': 'application/json', cookie: this.#cookie },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    this.#cookie = response.headers.getSetCookie()[0]?.split(';')[0] ?? this.#cookie;
    const text = await response.text();
    if (!response.ok) throw new Error(`Glewlwyd answered ${method} ${path} with ${response.status}: ${text}`);
    const answer: unknown = text === '' ? {} : JSON.parse(text);
    return isObject(answer) ? answer : {};
  }
}

function account(name: string, { email, groups, enabled = true }: GlewlwydPerson): object {
  return { name, email, groups, enabled, scope: SCOPES };
}

function objectIn(value: Readonly<Record<string, unknown>>, key: string): Readonly<Record<string, unknown>> {
  const inner = value[key];
  return isObject(inner) ? inner : {};
}
