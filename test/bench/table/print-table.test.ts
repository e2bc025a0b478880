import { expect, it } from 'vitest';
import { figure, notMeasured } from './row.js';
import { tableOf } from './print-table.js';

it('says beside each figure whether its target is met, or by how much it is missed', () => {
  const rows = [
    figure({ id: 'a', what: 'rate', unit: 'x', target: { atLeast: 0.6 } }, { value: 0.47, detail: '47 ÷ 100' }),
    figure({ id: 'b', what: 'time', unit: 'ms', target: { atMost: 5 } }, { value: 5, detail: 'p50' }),
    notMeasured({ id: 'c', what: 'nginx', unit: 'x' }, 'nginx is not installed'),
  ];
  expect(tableOf([{ title: 'Gateway', rows }])).toBe(
    [
      'Gateway',
      '  rate      0.47 x  ≥ 0.6: missed by 0.13     47 ÷ 100',
      '  time     5.00 ms  ≤ 5: met                  p50',
      '  nginx          –                            not measured: nginx is not installed',
    ].join('\n'),
  );
});
