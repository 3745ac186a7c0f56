import { describe, expect, it } from 'vitest';
import { daemonCapabilities, rootlessUser } from '../../src/core/pod/security.ts';
import { clusterBuilder } from '../../src/kubernetes-engine.ts';
import { readServerSettings } from '../../src/server-settings.ts';
import { byBuildkit, helmAbsence, objectOf, type Rendered, refusal, render } from './helm.ts';

/** What the policy says of a container by its message. */
function expressionOf(objects: readonly Rendered[], message: RegExp): string {
  const { validations } = objectOf(objects, 'ValidatingAdmissionPolicy', 'ci-sluice-builds').spec as {
    readonly validations: readonly { readonly message: string; readonly expression: string }[];
  };
  const found = validations.filter((each) => message.test(each.message));
  if (found.length !== 1 || found[0] === undefined) throw new Error(`there are ${found.length} validations ${message}`);
  return found[0].expression;
}

const wordsIn = (expression: string): readonly string[] =>
  [...expression.matchAll(/'([A-Z_]+)'/g)].map(([, word = '']) => word);

describe.skipIf(helmAbsence !== null)(`the chart with BuildKit ${helmAbsence ?? ''}`, () => {
  it.each(['user-namespace', 'rootless'] as const)('has the server build by it, %s', async (form) => {
    const { data } = objectOf(await render(byBuildkit(form)), 'ConfigMap', 'sluice-settings');
    expect(clusterBuilder(readServerSettings(data))).toMatchObject({
      builder: 'buildkit',
      image: 'registry.acme.io/buildkit:v0.26.3',
      form,
    });
  });

  it('lets its daemon have what the server gives it, and no more', async () => {
    const root = expressionOf(await render(byBuildkit('user-namespace')), /is root of a user namespace/);
    expect(wordsIn(root)).toEqual(daemonCapabilities);
    const rootless = expressionOf(await render(byBuildkit('rootless')), /may become those that newuidmap gives/);
    expect(wordsIn(rootless)).toEqual(['SETGID', 'SETUID']);
    expect(rootless).toContain(`== ${rootlessUser}`);
  });

  it('has no policy, and no level privileged, without it', async () => {
    const objects = await render();
    expect(objects.filter(({ kind }) => kind.startsWith('ValidatingAdmission'))).toEqual([]);
    expect(JSON.stringify(objects)).not.toContain('"privileged"');
  });

  it.each`
    values                                                                         | words
    ${{ builds: { builder: 'buildah' } }}                                          | ${"'/builds/builder': value must be one of 'kaniko', 'buildkit'"}
    ${{ builds: { builder: 'buildkit' } }}                                         | ${'builds.stepImage and builds.buildkitImage must name the images of our steps and of buildkit'}
    ${{ builds: { builder: 'buildkit', buildkitImage: 'x.io/b:1' } }}              | ${'whose daemon Pod Security baseline refuses: write podSecurity: privileged for sluice-builds'}
    ${{ builds: { ...(byBuildkit().builds as object), buildkitImage: 'x.io/b' } }} | ${'builds.buildkitImage is x.io/b, which may be another image tomorrow'}
    ${{ builds: { ...(byBuildkit().builds as object), buildkitForm: 'rootful' } }} | ${"'/builds/buildkitForm': value must be one of 'user-namespace', 'rootless'"}
  `('refuses $values with: $words', async ({ values, words }) => {
    expect(await refusal(values)).toContain(words);
  });
});
