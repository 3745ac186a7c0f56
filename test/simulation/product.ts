import { join } from 'node:path';
import type { AppSettings, PodView, Ports, WorkerContext } from '../../src/app/context.ts';
import type { Worker } from '../../src/app/worker.ts';
import type { JobLibrary } from '../../src/core/pod/job-template.ts';
import type { ForgeEvent } from '../../src/model/forge-event.ts';
import type { BuildOrder, PoolSettings } from '../../src/model/order.ts';
import type { PodManifest } from '../../src/model/pod.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { Log } from '../../src/ports/log.ts';
import type { Intake } from '../../src/ports/store.ts';
import type { ReportScripts } from './reporter-model.ts';

/** The code under test, as it stands or with a fault planted in it. */
export interface Product {
  readonly startWorker: (context: WorkerContext) => Worker;
  readonly createPodView: (ports: Pick<Ports, 'executor' | 'clock' | 'log'>, maxAgeMs: number) => PodView;
  readonly storeInTime: (
    event: ForgeEvent,
    options: {
      readonly intake: Pick<Intake, 'accept'>;
      readonly onStored: (event: ForgeEvent) => void;
      readonly clock: Clock;
      readonly log: Log;
      readonly limits: { readonly storeMs: number };
    },
  ) => Promise<'stored' | 'duplicate' | null>;
  readonly renderPod: (order: BuildOrder, pool: PoolSettings, library: JobLibrary) => PodManifest;
  readonly whyNotRender: (order: BuildOrder, pool: PoolSettings, library: JobLibrary) => string | null;
  readonly library: JobLibrary;
  readonly planted: Planted;
}

/** Faults planted around the product: each stands in for one of its ports or settings. */
export interface Planted {
  readonly ports?: (ports: Ports) => Ports;
  readonly settings?: (settings: AppSettings) => AppSettings;
  readonly reports?: (scripts: ReportScripts) => ReportScripts;
  /** Answers a delivery before it is on disk. */
  readonly hasty?: boolean;
  /** Pushes without saying where the branch was. */
  readonly leaseless?: boolean;
  /** Deletes what a tag names where the tag cannot be taken away. */
  readonly byDigest?: boolean;
  /** Writes check runs over what stands there. */
  readonly careless?: boolean;
}

const root = join(import.meta.dirname, '../..');

/** Loads the product; `mark` is put behind each of its modules, so that a marked copy can be another one. */
export async function loadProduct(planted: Planted = {}, mark = ''): Promise<Product> {
  const load = (path: string): Promise<Record<string, unknown>> =>
    import(/* @vite-ignore */ `${root}/src/${path}${mark}`);
  const [worker, podView, store, render, why, library] = await Promise.all([
    load('app/worker.ts'),
    load('app/pod-view.ts'),
    load('http/store-delivery.ts'),
    load('core/pod/render-pod.ts'),
    load('core/pod/why-not-render.ts'),
    import('../../src/config/job-library.ts'),
  ]);
  return {
    startWorker: worker.startWorker as Product['startWorker'],
    createPodView: podView.createPodView as Product['createPodView'],
    storeInTime: store.storeInTime as Product['storeInTime'],
    renderPod: render.renderPod as Product['renderPod'],
    whyNotRender: why.whyNotRender as Product['whyNotRender'],
    library: await library.loadJobLibrary(join(root, 'jobs')),
    planted,
  };
}
