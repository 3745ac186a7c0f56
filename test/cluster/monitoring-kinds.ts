/**
 * The kinds of Prometheus' operator, which the chart can make: as the operator defines a PrometheusRule, without its words; of a
 * PodMonitor that it is one. A cluster that has the operator has them already.
 */
const duration = {
  type: 'string',
  pattern: '^(0|(([0-9]+)y)?(([0-9]+)w)?(([0-9]+)d)?(([0-9]+)h)?(([0-9]+)m)?(([0-9]+)s)?(([0-9]+)ms)?)$',
};
const texts = { type: 'object', additionalProperties: { type: 'string' } };
const rule = {
  type: 'object',
  required: ['expr'],
  properties: {
    alert: { type: 'string' },
    record: { type: 'string' },
    expr: { anyOf: [{ type: 'integer' }, { type: 'string' }], 'x-kubernetes-int-or-string': true },
    for: duration,
    labels: texts,
    annotations: texts,
  },
};
const group = {
  type: 'object',
  required: ['name'],
  properties: { name: { type: 'string', minLength: 1 }, interval: duration, rules: { type: 'array', items: rule } },
};
const ruleSpec = {
  type: 'object',
  properties: {
    groups: {
      type: 'array',
      items: group,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
    },
  },
};

function kindOf(kind: string, spec: object): object {
  const [singular, plural] = [kind.toLowerCase(), `${kind.toLowerCase()}s`];
  const schema = { openAPIV3Schema: { type: 'object', required: ['spec'], properties: { spec } } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.monitoring.coreos.com` },
    spec: {
      group: 'monitoring.coreos.com',
      scope: 'Namespaced',
      names: { kind, listKind: `${kind}List`, singular, plural },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  };
}

/** Each a definition, as `kubectl create` takes it. */
export const monitoringKinds: readonly object[] = [
  kindOf('PrometheusRule', ruleSpec),
  kindOf('PodMonitor', { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }),
];
