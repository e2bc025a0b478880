import type { FoundSecret } from '#shared/api/inventory.js';

type Kind = FoundSecret['kind'];

/** Forms in which issuers write their tokens, so that they can be found wherever they stand. First match wins. */
const FORMS: readonly (readonly [Kind, RegExp])[] = [
  ['private_key', /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
  ['anthropic_key', /sk-ant-[\w-]{8,}/],
  ['openai_key', /sk-(?:proj-|svcacct-|admin-)?[\w-]{16,}/],
  ['github_token', /gh[pousr]_\w{16,}|github_pat_\w{16,}/],
  ['gitlab_token', /gl(?:pat|ptt|dt|rt|cbt|ft|soat|agent)-[\w.-]{12,}/],
  ['slack_token', /xox[a-z]-[\w-]{8,}|xapp-[\w-]{8,}|hooks\.slack\.com\/services\/\w/],
  ['stripe_key', /(?:sk|rk|pk)_(?:live|test)_\w{8,}|whsec_\w{8,}/],
  ['aws_access_key', /\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{12,}/],
  ['google_key', /AIza[\w-]{20,}|ya29\.[\w-]{8,}|GOCSPX-[\w-]{8,}/],
  ['npm_token', /npm_\w{16,}/],
  ['jwt', /\bey[\w-]{8,}\.ey[\w-]{4,}(?:\.[\w-]*)?/],
  [
    'random',
    /\b(?:hf_|r8_|lin_api_|secret_|ntn_|pat[A-Za-z0-9]{10,}\.|dop_v1_|shpat_|sntry[su]_|figd_|tvly-|BSA|pplx-|gsk_|xai-|fc-|dckr_pat_|hvs\.|AGE-SECRET-KEY-|SG\.)[\w-]{8,}/,
  ],
];

/** The kind of a token whose form is known, anywhere in the text. */
export function knownToken(text: string): Kind | undefined {
  return FORMS.find(([, form]) => form.test(text))?.[0];
}
