import { deliveryGuide } from './delivery-guide.js';

/** What to write under `audit.export`. */
export const EXPORT_GUIDE: readonly (readonly [pattern: string, text: string])[] = [
  [
    'audit.export',
    'name where records go, for example { archive: { kind: file, path: /var/log/mcp-sso/audit.ndjson } }',
  ],
  ['audit.export.*', 'write its kind and what that kind needs (docs/guides/audit-export.md)'],
  ['audit.export.*.kind', 'write file, splunk-hec, syslog, webhook, object-storage, elastic, sentinel or otlp'],
  ['audit.export.*.format', 'write ndjson, ocsf or cef (docs/guides/audit-export.md)'],
  ['audit.export.*.captured', 'write true where captured arguments and results may leave too, else false'],
  ['audit.export.*.path', 'write the path of a file; its folder must be there'],
  [
    'audit.export.*.url',
    'write the https address of the collector, or tls://HOST:6514 for syslog (docs/guides/audit-export.md)',
  ],
  ['audit.export.*.token', 'write env:NAME or file:PATH of the token; the token itself never belongs in this file'],
  ['audit.export.*.index', 'write the name of a Splunk index that the token may write to'],
  ['audit.export.*.sourcetype', 'write a source type of Splunk, for example mcp-sso:audit'],
  ['audit.export.*.gzip', 'write true or false'],
  [
    'audit.export.*.everySeconds',
    'write a number of seconds from 0 to 240: how long a record waits for others to share its object',
  ],
  ['audit.export.*.apiKey', 'write env:NAME or file:PATH of the encoded API key of Elasticsearch'],
  ['audit.export.*.dataStream', 'write the name of a data stream, for example logs-mcp_sso.audit-default'],
  [
    'audit.export.*.ruleId',
    'write the immutable id of the data collection rule, dcr- and 32 hexadecimal digits (its page in Azure, JSON view)',
  ],
  [
    'audit.export.*.stream',
    'write the stream that the data collection rule declares, for example Custom-McpSsoAudit_CL',
  ],
  ['audit.export.*.tenantId', 'write the id of your Entra tenant'],
  ['audit.export.*.clientId', 'write the application id of an app registration that may publish to the rule'],
  ['audit.export.*.clientSecret', 'write env:NAME or file:PATH of a client secret of the app registration'],
  ['audit.export.*.authority', 'write the https address of Entra in your cloud, or leave it out'],
  ['audit.export.*.scope', 'write the scope of Azure Monitor in your cloud, or leave it out'],
  ['audit.export.*.headers', 'name headers, for example { Authorization: env:OTLP_AUTHORIZATION }'],
  ['audit.export.*.headers.*', 'write env:NAME or file:PATH of the whole value of the header'],
  ...deliveryGuide('audit.export.*'),
];
