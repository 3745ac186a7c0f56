import { locateDockerfileFailure } from '../../src/core/pod/locate-failure.ts';
import type { PoolSettings } from '../../src/model/order.ts';
import type { Executor } from '../../src/ports/executor.ts';
import { imageOrder } from '../core/pod/order-fixture.ts';
import { type GuardedRegistry, startGuardedRegistry } from '../harness/guarded-registry.ts';
import { type ImageFiles, readImageFiles } from '../harness/image-files.ts';
import { type RegistryFront, startRegistryFront } from '../harness/registry-front.ts';
import { type CheckoutStage, openCheckoutStage } from '../jobs/checkout-stage.ts';
import { openGateway } from '../jobs/gateway.ts';
import { commitWithShell, runOrder, type UploadSubject, upload } from '../jobs/upload-stories.ts';

/** Where builds reach a repository and a registry: an address of this machine. */
export interface BuilderStage {
  readonly stage: CheckoutStage;
  readonly registry: GuardedRegistry;
  readonly front: RegistryFront;
  readonly cloneUrl: string;
  end(): Promise<void>;
}

/** A builder under the contract. */
export interface BuilderSubject {
  readonly executor: Executor;
  /** Whose registry is spoken to without TLS. */
  readonly pool: PoolSettings;
  readonly end: () => Promise<void>;
}

type Files = Parameters<CheckoutStage['onMain']>[0];

/** The verbs in which the suite's tests are told. */
export interface BuilderRig {
  /** Builds what a presubmit builds of these files. */
  build(files: Files): ReturnType<typeof runOrder>;
  /** Builds and uploads, as a gate does, under this name; `at`: the line of the Dockerfile where it failed, as far as that is known. */
  upload(name: string, files: Files): Promise<Awaited<ReturnType<typeof upload>> & { readonly at: number | null }>;
  filesOf(name: string, digest: string): Promise<ImageFiles>;
  /** What the one tag of this name is; null: there is none. */
  digestOf(name: string): Promise<string | null>;
  /** Everything that the registry was asked so far. */
  asked(): readonly string[];
}

export async function openBuilderStage(host: string): Promise<BuilderStage> {
  const stage = await openCheckoutStage();
  const registry = await startGuardedRegistry();
  const front = await startRegistryFront(`http://${registry.host}`, { host });
  const repositories = await openGateway(host, stage.server.url);
  return {
    stage,
    registry,
    front,
    cloneUrl: `${repositories.url}/acme/api.git`,
    async end() {
      repositories.close();
      await front.close();
      await registry.stop();
      await stage.end();
    },
  };
}

export function createBuilderRig(place: BuilderStage, { executor, pool }: BuilderSubject): BuilderRig {
  const { stage, registry, front, cloneUrl } = place;
  const { host } = front;
  const subject: UploadSubject = { executor, pool, stage, cloneUrl, registry, host };
  const { auths } = JSON.parse(registry.files(undefined, host)['config.json'] ?? '') as {
    auths: Record<string, { auth: string }>;
  };

  const locate = (commit: string, log: string): number | null =>
    locateDockerfileFailure(stage.origin.git('show', `${commit}:Dockerfile`), log)?.line ?? null;

  return {
    build(files) {
      const commit = commitWithShell(stage, files);
      const order = imageOrder({
        job: { resources: { cpu: '100m', memory: '1Gi', ephemeralStorage: '2Gi' }, timeoutSeconds: 120 },
        heads: [],
        parts: { commit },
      });
      return runOrder(subject, order);
    },
    async upload(name, files) {
      const commit = commitWithShell(stage, files);
      const end = await upload(subject, name, commit);
      return { ...end, at: locate(commit, end.log) };
    },
    filesOf: (name, digest) =>
      readImageFiles(`${host}/${name}`, digest, { authorization: `Basic ${auths[host]?.auth}` }),
    digestOf: async (name) => {
      const [tag] = await registry.tagsOf(name);
      return tag === undefined ? null : registry.digestOf(name, tag);
    },
    asked: () => front.seen.map(({ line }) => line),
  };
}
