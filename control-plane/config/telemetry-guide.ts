const HEADER = 'write env:NAME or file:PATH of its value; the value itself never belongs in this file';

/** What to write under `telemetry`. */
export const TELEMETRY_GUIDE: readonly (readonly [pattern: string, text: string])[] = [
  [
    'telemetry',
    'write traces, metrics or both, for example { traces: { endpoint: https://otel.acme.example/v1/traces } }',
  ],
  ['telemetry.traces', 'write the endpoint of a collector, for example { endpoint: http://127.0.0.1:4318/v1/traces }'],
  ['telemetry.traces.ratio', 'write a number from 0 to 1, for example 0.1 for every tenth trace'],
  ['telemetry.traces.clientAddress', 'write true where spans may hold the addresses of people, else false'],
  [
    'telemetry.metrics',
    'write the endpoint of a collector, for example { endpoint: http://127.0.0.1:4318/v1/metrics }',
  ],
  ['telemetry.metrics.everySeconds', 'write a number of seconds from 1 to 3600'],
  [
    'telemetry.*.endpoint',
    'write the https address of an OTLP/HTTP collector; http only on this machine (docs/guides/observability.md)',
  ],
  ['telemetry.*.headers', 'name headers, for example { authorization: env:OTLP_AUTHORIZATION }'],
  ['telemetry.*.headers.*', HEADER],
  ['telemetry.*.protocol', 'write http/protobuf or http/json'],
];
