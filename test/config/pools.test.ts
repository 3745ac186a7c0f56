import { describe, expect, it } from 'vitest';
import { parsePools } from '../../src/config/pools/parse-pools.ts';

const all = 'trust: [untrusted, approved, trusted]';
const told = (text: string): readonly string[] => {
  const reading = parsePools(text, 'pools.yaml');
  if (reading.kind === 'pools') return [];
  return reading.problems.map(({ line, message, hint }) => `${line}: ${message}${hint === null ? '' : ` (${hint})`}`);
};

describe('the file of pools', () => {
  it('says for each whose code it takes, where its pods are, and what is added to them', () => {
    const text = [
      '- name: untrusted',
      '  trust: [untrusted]',
      '  namespace: sluice-untrusted',
      '  kubeconfig: remote.kubeconfig',
      '  context: builds',
      '  nodeSelector: { acme.io/pool: sandbox }',
      '  tolerations: [{ key: sandbox, operator: Exists, effect: NoSchedule }, { key: acme.io/only, value: builds }]',
      '  runtimeClass: gvisor',
      '  hostUsers: false',
      '  priorityClass: builds-low',
      '- { name: arm, trust: [approved, trusted], architectures: [arm64], namespace: sluice-arm }',
      '- { name: rest, trust: [approved, trusted], namespace: sluice-builds }',
      '',
    ].join('\n');
    const plain = { kubeconfig: null, context: null, runtimeClass: null, hostUsers: null, priorityClass: null };
    const bare = { ...plain, byName: false, atOnce: null, architectures: null, nodeSelector: {}, tolerations: [] };
    expect(parsePools(text, 'pools.yaml')).toEqual({
      kind: 'pools',
      pools: [
        {
          name: 'untrusted',
          trust: ['untrusted'],
          architectures: null,
          namespace: 'sluice-untrusted',
          kubeconfig: 'remote.kubeconfig',
          context: 'builds',
          nodeSelector: { 'acme.io/pool': 'sandbox' },
          tolerations: [
            { key: 'sandbox', operator: 'Exists', effect: 'NoSchedule' },
            { key: 'acme.io/only', operator: 'Equal', value: 'builds' },
          ],
          runtimeClass: 'gvisor',
          hostUsers: false,
          priorityClass: 'builds-low',
          byName: false,
          atOnce: null,
        },
        { ...bare, name: 'arm', trust: ['approved', 'trusted'], architectures: ['arm64'], namespace: 'sluice-arm' },
        { ...bare, name: 'rest', trust: ['approved', 'trusted'], namespace: 'sluice-builds' },
      ],
    });
  });

  it.each<[string, string, readonly string[]]>([
    [
      'nothing',
      '',
      ['1: the file is empty (write - { name: all, trust: [untrusted, approved, trusted], namespace: sluice-builds })'],
    ],
    ['no list', 'name: all\n', ['1: expected a list of pools']],
    ['an empty list', '[]\n', ['1: the list is empty']],
    [
      'no namespace, and a mistyped key',
      `- { name: all, ${all}, namespaces: x }\n`,
      [
        '1: `namespace` is missing (name where its pods are made: `namespace: sluice-untrusted`)',
        '1: unknown key "namespaces" (did you mean `namespace`?)',
      ],
    ],
    [
      'a class of trust that is none',
      '- { name: all, trust: [everybody, untrusted, approved, trusted], namespace: x }\n',
      ['1: "everybody" is not `untrusted`, `approved` or `trusted`'],
    ],
    [
      'a class that nobody takes',
      '- { name: one, trust: [untrusted], namespace: x }\n- { name: two, trust: [trusted], namespace: y }\n',
      ['1: no pool takes approved code (write approved into the `trust` of one)'],
    ],
    [
      'two of one name',
      `- { name: all, trust: [untrusted], namespace: x }\n- { name: all, trust: [approved, trusted], namespace: y }\n`,
      ['2: [0] is called the same (give one of them another name)'],
    ],
    [
      'two in one place',
      `- { name: one, trust: [untrusted], namespace: x }\n- { name: two, trust: [approved, trusted], namespace: x }\n`,
      ['2: [0] has the same namespace of the same cluster (write another namespace, or make them one pool)'],
    ],
    [
      'one that never gets a pod',
      `- { name: all, ${all}, namespace: x }\n- { name: arm, trust: [trusted], architectures: [arm64], namespace: y }\n`,
      ['2: it never gets a pod: all before it takes all that it does (take classes or architectures from one of them)'],
    ],
    [
      'one that only who names it gets, as the only one',
      `- { name: gpu, ${all}, namespace: x, byName: true, atOnce: 2 }\n`,
      ['untrusted', 'approved', 'trusted'].map(
        (each) => `1: no pool takes ${each} code (write ${each} into the \`trust\` of one)`,
      ),
    ],
    [
      'a key of no label',
      `- { name: all, ${all}, namespace: x, tolerations: [{ key: "a b" }] }\n`,
      ['1: "a b" is not a key of a taint (write it as builds or acme.io/builds)'],
    ],
  ])('is refused with %s, each mistake with its place and what to write instead', (_, text, expected) => {
    expect(told(text)).toEqual(expected);
  });
});
