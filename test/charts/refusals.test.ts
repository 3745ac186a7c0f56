import { describe, expect, it } from 'vitest';
import { helmAbsence, objectOf, type Rendered, refusal, render, type Values } from './helm.ts';
import { faultsOf, podOf } from './rules.ts';

const builds = {
  name: 'sluice-builds',
  create: true,
  trust: ['untrusted', 'approved', 'trusted'],
  podSecurity: 'baseline',
  quota: { pods: '1' },
  limits: {},
};
const inNamespaces = (...namespaces: object[]): Values => ({ builds: { namespaces } });

describe.skipIf(helmAbsence !== null)(`the chart, given something wrong ${helmAbsence ?? ''}`, () => {
  it.each`
    values                                                                                                | words
    ${{ image: { repository: '' } }}                                                                      | ${'image.repository is empty: name where the cluster pulls Sluice from'}
    ${{ builds: { stepImage: '' } }}                                                                      | ${'builds.stepImage and builds.kanikoImage must name the images'}
    ${{ image: { tag: 'latest' } }}                                                                       | ${'sluice:latest, which may be another image tomorrow'}
    ${{ builds: { kanikoImage: 'quay.io/acme/kaniko' } }}                                                 | ${'builds.kanikoImage is quay.io/acme/kaniko, which may be another image tomorrow'}
    ${{ mode: 'split' }}                                                                                  | ${'web shows the logs that workers write'}
    ${{ ingress: { enabled: true } }}                                                                     | ${'ingress.host is empty: write the name in publicUrl'}
    ${inNamespaces(builds, { ...builds, name: 'more' })}                                                  | ${'sluice-builds and more take untrusted code: the canary proves one place'}
    ${inNamespaces(builds, { ...builds, trust: ['trusted'] })}                                            | ${'name sluice-builds twice: give one of them another name'}
    ${inNamespaces({ ...builds, trust: ['untrusted'] }, { ...builds, name: 'more', trust: ['trusted'] })} | ${'no entry of builds.namespaces takes approved code that names no pool'}
    ${inNamespaces({ ...builds, trust: [] })}                                                             | ${"'/builds/namespaces/0/trust': minItems: got 0, want 1"}
    ${inNamespaces({ ...builds, tolerations: [{ keys: 'x' }] })}                                          | ${"additional properties 'keys' not allowed"}
    ${{ builds: { otherClusters: [{ name: 'arm', trust: ['trusted'], namespace: 'x' }] } }}               | ${"missing property 'kubeconfig'"}
    ${inNamespaces({ ...builds, name: 'ci' })}                                                            | ${'where Sluice itself and its secrets are'}
    ${inNamespaces({ ...builds, trust: ['trusted'] })}                                                    | ${'what is left out would be built nowhere'}
    ${inNamespaces({ ...builds, podSecurity: 'privileged' })}                                             | ${'sluice-builds is privileged, which kaniko does not need: write podSecurity: baseline'}
    ${inNamespaces()}                                                                                     | ${"'/builds/namespaces': minItems: got 0, want 1"}
    ${{ mode: 'both' }}                                                                                   | ${"'/mode': value must be one of 'single', 'split'"}
    ${{ web: { replicas: 0 } }}                                                                           | ${"'/web/replicas': minimum: got 0, want 1"}
    ${{ image: { digest: 'sha256:12' } }}                                                                 | ${"'/image/digest': 'sha256:12' does not match pattern"}
    ${{ publicUrl: 'https://me:pass@sluice.acme.io' }}                                                    | ${"'/publicUrl': "}
    ${{ publicURL: 'https://sluice.acme.io' }}                                                            | ${"additional properties 'publicURL' not allowed"}
    ${{ secrets: { ledgerKey: { value: 'x' } } }}                                                         | ${"'/secrets/ledgerKey': additional properties 'value' not allowed"}
    ${{ worker: { resources: { limits: { memory: null } } } }}                                            | ${"'/worker/resources/limits': missing property 'memory'"}
    ${{ builds: { network: { internet: { ports: [0] } } } }}                                              | ${"'/builds/network/internet/ports/0': minimum: got 0, want 1"}
    ${{ registries: [{ host: 'quay.io' }] }}                                                              | ${"'/registries/0': missing properties 'projects', 'uses'"}
  `('refuses $values with: $words', async ({ values, words }) => {
    expect(await refusal(values)).toContain(words);
  });
});

/** A rendered object with one thing spoiled. */
function spoil(object: Rendered, change: (copy: Rendered) => void): Rendered {
  const copy = structuredClone(object);
  change(copy);
  return copy;
}

type Change = (copy: Rendered) => void;
const inPod =
  (fields: object): Change =>
  (copy) =>
    void Object.assign(podOf(copy) ?? {}, fields);
const inContainer =
  (fields: object): Change =>
  (copy) =>
    void Object.assign(podOf(copy)?.containers[0] ?? {}, fields);
const withEnv = (name: string, value: string): Change => inContainer({ env: [{ name, value }] });

const spoilings: readonly (readonly [string, Change, RegExp])[] = [
  ['an image without tag', inContainer({ image: 'quay.io/acme/x' }), /another one tomorrow/],
  ['the tag latest', inContainer({ image: 'quay.io/acme/x:latest' }), /another one tomorrow/],
  ['no resources', inContainer({ resources: {} }), /no memory is asked for/],
  ['no security context', inContainer({ securityContext: {} }), /may gain privileges/],
  ['root', inPod({ securityContext: {} }), /may run as root/],
  ['a path of the node', inPod({ volumes: [{ name: 'x', hostPath: { path: '/' } }] }), /a volume of kind hostPath/],
  ["the node's network", inPod({ hostNetwork: true }), /namespace of the node/],
  ['links to Services', inPod({ enableServiceLinks: true }), /Services add variables/],
  ['a key in the environment', withEnv('SLUICE_LEDGER_KEY', 'abc'), /stands there openly/],
  ['a password in an argument', inContainer({ args: ['--redis=redis://:abc@redis'] }), /it shows/],
  ['a key in a ConfigMap', (copy) => Object.assign(copy, { data: { x: '-----BEGIN PRIVATE KEY-----' } }), /it shows/],
  ['a secret of its own', (copy) => Object.assign(copy, { kind: 'Secret' }), /never in a secret/],
  ['a right on the whole cluster', (copy) => Object.assign(copy, { kind: 'ClusterRole' }), /the whole cluster/],
  ["a right in the release's namespace", (copy) => Object.assign(copy, { kind: 'Role' }), /outside the namespaces/],
  [
    'a hook that stays',
    (copy) => Object.assign(copy.metadata, { annotations: { 'helm.sh/hook': 'test' } }),
    /it stays/,
  ],
  [
    'a claim that stays',
    (copy) => Object.assign(copy, { kind: 'StatefulSet', spec: { ...copy.spec, volumeClaimTemplates: [] } }),
    /its claims stay/,
  ],
  ['a policy for all', (copy) => Object.assign(copy, { kind: 'ValidatingAdmissionPolicyBinding' }), /other namespaces/],
  ['another namespace', (copy) => Object.assign(copy.metadata, { namespace: 'default' }), /its namespace is default/],
];

describe.skipIf(helmAbsence !== null)(`the rules that manifests are held to ${helmAbsence ?? ''}`, () => {
  it.each(spoilings)('find %s', async (_, change, words) => {
    const objects = await render();
    const deployment = objectOf(objects, 'Deployment', 'sluice-all');
    expect(faultsOf(deployment, ['sluice-builds'])).toEqual([]);
    expect(faultsOf(spoil(deployment, change), ['sluice-builds']).join('\n')).toMatch(words);
  });
});
