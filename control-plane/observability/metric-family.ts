/** One metric with all its series, as `/metrics` would show it. */
export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly values: readonly {
    readonly value: number;
    /** Of a histogram: with `_bucket` (label `le`), `_sum` or `_count` behind the name. */
    readonly metricName?: string;
    readonly labels: Readonly<Record<string, string | number | undefined>>;
  }[];
}
