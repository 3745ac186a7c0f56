import { describe, expect, it } from 'vitest';
import { kubernetesDefaults } from '../../../src/adapters/kubernetes/settings.ts';
import { flawOf, writePod } from '../../../src/adapters/kubernetes/write-pod.ts';
import type { BuildId } from '../../../src/model/build.ts';
import { podOf, shell } from '../../contract/pod-manifest.ts';

const settings = { ...kubernetesDefaults, lostNodeSeconds: 60 };
const parts = { owner: 'test', name: 'b-x' as BuildId, main: [shell('main', 'true')] };
const volumes = [{ name: 'git', secret: { secretName: 'any', defaultMode: 0o440 } }];

describe('the pod that is created', () => {
  it('is the manifest, and above it only what the cluster wants', () => {
    const manifest = {
      ...podOf(parts),
      spec: { ...podOf(parts).spec, nodeSelector: { 'kubernetes.io/arch': 'amd64' } },
    };
    const simulated = { key: 'kwok.x-k8s.io/node', operator: 'Equal', value: 'fake', effect: 'NoSchedule' } as const;
    const pool = { 'sluice.dev/pool': 'simulated' };
    const written = writePod(manifest, { ...settings, tolerations: [simulated], nodeSelector: pool });
    const lost = { operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 60 };
    expect(written).toEqual({
      ...manifest,
      spec: {
        ...manifest.spec,
        nodeSelector: { 'kubernetes.io/arch': 'amd64', 'sluice.dev/pool': 'simulated' },
        tolerations: [
          simulated,
          { key: 'node.kubernetes.io/not-ready', ...lost },
          { key: 'node.kubernetes.io/unreachable', ...lost },
        ],
      },
    });
  });

  it.each`
    manifest | pool     | written
    ${null}  | ${null}  | ${undefined}
    ${null}  | ${false} | ${false}
    ${null}  | ${true}  | ${true}
    ${false} | ${true}  | ${false}
    ${true}  | ${false} | ${false}
  `('with hostUsers $manifest in a pool that says $pool has $written', ({ manifest, pool, written }) => {
    const plain = podOf(parts);
    const pod = { ...plain, spec: { ...plain.spec, ...(manifest === null ? {} : { hostUsers: manifest }) } };
    const { spec } = writePod(pod, { ...settings, hostUsers: pool }) as { spec: { hostUsers?: boolean } };
    expect(spec.hostUsers).toBe(written);
  });

  it('has the runtime and the priority of its pool', () => {
    const of = { runtimeClass: 'gvisor', priorityClass: 'builds-low' };
    const { spec } = writePod(podOf(parts), { ...settings, ...of }) as { spec: object };
    expect(spec).toMatchObject({ runtimeClassName: 'gvisor', priorityClassName: 'builds-low' });
  });

  it('names its secrets after itself, whatever the manifest calls them', () => {
    const { spec } = writePod(podOf({ ...parts, volumes }), settings) as { spec: { volumes: unknown } };
    expect(spec.volumes).toEqual([{ name: 'git', secret: { secretName: 'b-x-git', defaultMode: 0o440 } }]);
  });

  it.each`
    flaw                            | pod                                                           | secrets                          | words
    ${'another owner'}              | ${podOf({ ...parts, owner: 'other' })}                        | ${{}}                            | ${/owner/}
    ${'a label of another build'}   | ${podOf({ ...parts, labels: { 'sluice.dev/build': 'b-y' } })} | ${{}}                            | ${/build/}
    ${'a secret without content'}   | ${podOf({ ...parts, volumes })}                               | ${{}}                            | ${/git/}
    ${'a file that climbs out'}     | ${podOf({ ...parts, volumes })}                               | ${{ git: { '../x': 'canary' } }} | ${/"\.\.\/x"/}
    ${'a file that is a folder up'} | ${podOf({ ...parts, volumes })}                               | ${{ git: { '..': 'canary' } }}   | ${/"\.\."/}
    ${'none'}                       | ${podOf({ ...parts, volumes })}                               | ${{ git: { token: 'canary' } }}  | ${null}
  `('is not asked for with $flaw', ({ pod, secrets, words }) => {
    const flaw = flawOf(pod, secrets, 'test');
    if (words === null) expect(flaw).toBeNull();
    else expect(flaw).toMatch(words);
    expect(flaw ?? '').not.toContain('canary');
  });
});
