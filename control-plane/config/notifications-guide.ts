const WEBHOOK_SECRET =
  'write env:NAME or file:PATH of whsec_ and 32 random bytes in base64; make it with: echo "whsec_$(openssl rand -base64 32)"';
const EVENTS =
  'write a list such as [approval.requested, identity.break-glass], or leave it out for all (docs/guides/notifications.md)';

/** What to write under `notifications`. */
export const NOTIFICATIONS_GUIDE: readonly (readonly [pattern: string, text: string])[] = [
  [
    'notifications',
    'write whom to tell, for example { webhooks: { ops: { url: https://hooks.acme.example/mcp, secret: env:OPS_HOOK } } }, or smtp',
  ],
  ['notifications.webhooks', 'name webhooks, each with url and secret'],
  ['notifications.webhooks.*', 'give it url and secret, and events where it should not hear of all'],
  ['notifications.webhooks.*.url', 'write the https address that takes the webhook'],
  ['notifications.webhooks.*.secret', WEBHOOK_SECRET],
  ['notifications.webhooks.*.events', EVENTS],
  ['notifications.webhooks.*.events.*', EVENTS],
  [
    'notifications.smtp',
    'write url, from and to, for example { url: smtp://mail.acme.example:587, from: mcp@acme.example, to: [ops@acme.example] }',
  ],
  ['notifications.smtp.url', 'write smtp://HOST:587 (STARTTLS) or smtps://HOST:465, without user name and path'],
  ['notifications.smtp.username', 'write the user name at the mail server, with its password'],
  ['notifications.smtp.password', 'write env:NAME or file:PATH; the password itself never belongs in this file'],
  ['notifications.smtp.from', 'write the e-mail address of the sender'],
  ['notifications.smtp.to', 'write a list of at most 20 e-mail addresses, for example [ops@acme.example]'],
  ['notifications.smtp.to.*', 'write an e-mail address'],
  ['notifications.smtp.events', EVENTS],
  ['notifications.smtp.events.*', EVENTS],
];
