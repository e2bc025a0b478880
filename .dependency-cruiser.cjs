// The arrows of the house: shared is a leaf, the two halves never meet, and inside the control plane
// imports follow a call and never turn back.
const rule = (name, from, to, pathNot) => ({
  name,
  severity: 'error',
  from: { path: from, ...(pathNot ? { pathNot } : {}) },
  to: { path: to },
});
const room = (name) => `^control-plane/${name}/`;

module.exports = {
  forbidden: [
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
    rule('shared-is-a-leaf', '^shared/', '^(cli|control-plane|demo|test)/'),
    rule('cli-knows-only-shared', '^cli/', '^(control-plane|demo|test)/'),
    rule('control-plane-knows-only-shared', '^control-plane/', '^(cli|demo|test)/'),
    rule('demo-reaches-the-product-from-outside', '^demo/', '^(cli|control-plane)/'),
    rule(
      'nobody-imports-the-gateway',
      '^control-plane/(identity|policy|credentials|upstreams|audit|storage|config|observability)/',
      '^control-plane/(gateway|admin)/',
    ),
    rule('policy-decides-alone', room('policy'), '^control-plane/(identity|credentials|upstreams|audit|storage)/'),
    rule('upstreams-know-no-people', room('upstreams'), '^control-plane/(identity|policy|audit|credentials)/'),
    rule('credentials-know-no-policy', room('credentials'), '^control-plane/(identity|policy|audit|upstreams)/'),
    rule('audit-only-stores', room('audit'), '^control-plane/(identity|policy|credentials|upstreams)/'),
    rule('audit-log-is-pure', '^control-plane/audit/log/', '^control-plane/(?!audit/log/)', '\\.test\\.ts$'),
    rule('policy-evaluate-is-pure', '^control-plane/policy/evaluate/', '^control-plane/(?!policy/)', '\\.test\\.ts$'),
    rule('storage-is-the-bottom', room('storage'), '^control-plane/(?!(storage|config|observability)/)'),
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.mjs'],
      conditionNames: ['source', 'import', 'node', 'default'],
    },
  },
};
