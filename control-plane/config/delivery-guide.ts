/** What to write of a webhook or a bucket; `at`: pattern of the keys above. */
export function deliveryGuide(at: string): readonly (readonly [pattern: string, text: string])[] {
  return TEXTS.map(([key, text]) => [`${at}.${key}`, text]);
}

const TEXTS: readonly (readonly [key: string, text: string])[] = [
  [
    'secret',
    'write env:NAME or file:PATH of whsec_ and 32 random bytes in base64; make it with: echo "whsec_$(openssl rand -base64 32)"',
  ],
  ['endpoint', 'write the https address of the S3 API, without the bucket'],
  ['region', 'write the region, for example eu-central-1'],
  ['bucket', 'write the name of a bucket; give it object lock, so that nobody can delete from it'],
  ['prefix', 'write what the name of each object begins with, for example mcp-sso/'],
  ['accessKeyId', 'write env:NAME or file:PATH of the access key’s id'],
  ['secretAccessKey', 'write env:NAME or file:PATH; the key itself never belongs in this file'],
  ['lock', 'write how long each object is kept, for example { mode: compliance, days: 365 }, or leave it out'],
  ['lock.mode', 'write governance (those with a right of their own may still delete) or compliance (nobody may)'],
  ['lock.days', 'write a number of days from 1 to 36500'],
  ['ca', 'write file:PATH of the certificates of your own authority, PEM'],
];
