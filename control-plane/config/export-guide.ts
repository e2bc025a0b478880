/** What to write under `audit.export`. */
export const EXPORT_GUIDE: readonly (readonly [pattern: string, text: string])[] = [
  [
    'audit.export',
    'name where records go, for example { archive: { kind: file, path: /var/log/mcp-sso/audit.ndjson } }',
  ],
  ['audit.export.*', 'write its kind and what that kind needs (docs/guides/audit-export.md)'],
  ['audit.export.*.kind', 'write file'],
  ['audit.export.*.format', 'write ndjson, ocsf or cef (docs/guides/audit-export.md)'],
  ['audit.export.*.captured', 'write true where captured arguments and results may leave too, else false'],
  ['audit.export.*.path', 'write the path of a file; its folder must be there'],
];
