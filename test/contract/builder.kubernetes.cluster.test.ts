import { createKubernetesExecutor } from '../../src/adapters/kubernetes/executor.ts';
import type { PoolSettings } from '../../src/model/order.ts';
import { makeTestNamespace } from '../adapters/kubernetes/test-cluster.ts';
import { loadImages } from '../cluster/cluster-world.ts';
import { bridge } from '../cluster/forge.ts';
import { pool } from '../core/pod/order-fixture.ts';
import { builderContract } from './builder.ts';
import type { BuilderStage, BuilderSubject } from './builder-rig.ts';

let stepImage: Promise<string> | undefined;

/** Pods of a namespace whose level admits what this builder's need. */
function inPods(level: 'baseline' | 'privileged', more: Partial<PoolSettings>) {
  return async ({ front }: BuilderStage): Promise<BuilderSubject> => {
    stepImage ??= loadImages();
    const { namespace, settings } = await makeTestNamespace('builder', level);
    const executor = createKubernetesExecutor({ ...settings, owner: pool.owner });
    return {
      executor,
      pool: { ...pool, stepImage: await stepImage, insecureRegistries: [front.host], ...more },
      end: async () => {
        await executor.close();
        await namespace.remove();
      },
    };
  };
}

const here = async (): Promise<string> => bridge;

builderContract('kaniko in pods', here, inPods('baseline', { kanikoImage: 'localhost/kaniko:v1.24.0' }));

for (const buildkit of [
  { image: 'localhost/buildkit:v0.26.3', form: 'user-namespace' },
  { image: 'localhost/buildkit:v0.26.3-rootless', form: 'rootless' },
] as const)
  builderContract(
    buildkit.form === 'rootless' ? 'BuildKit as a plain user' : 'BuildKit in the user namespace of its pod',
    here,
    inPods('privileged', { builder: 'buildkit', buildkit }),
  );
