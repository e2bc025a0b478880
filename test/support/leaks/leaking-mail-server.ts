import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { asManyAsFit, writtenForms } from './written-forms.js';

/** A mail server that refuses everybody, and says with which password they came. */
export class LeakingMailServer implements AsyncDisposable {
  readonly received = new Set<string>();
  readonly #server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    onAuth: ({ password: sent }, _session, done) => {
      const password = sent ?? '';
      this.received.add(password);
      done(new Error(`No account has the password ${asManyAsFit(writtenForms(password), 400)}`));
    },
  });

  static async start(): Promise<LeakingMailServer> {
    const mail = new LeakingMailServer();
    mail.#server.on('error', () => undefined);
    mail.#server.listen(0, '127.0.0.1');
    await once(mail.#server.server, 'listening');
    return mail;
  }

  get port(): number {
    return (this.#server.server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>((resolve) => this.#server.close(resolve));
  }
}
