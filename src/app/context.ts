import type { NoOrganisation, OrganisationView } from '../config/organisation/put-together.ts';
import type { BuildId } from '../model/build.ts';
import type { ConfigState } from '../model/config.ts';
import type { IsolationSettings } from '../model/isolation.ts';
import type { LineLimits } from '../model/line.ts';
import type { BuildOrder, PoolSettings } from '../model/order.ts';
import type { ObservedPod, PodManifest } from '../model/pod.ts';
import type { Clock } from '../ports/clock.ts';
import type { Executor, PodListing } from '../ports/executor.ts';
import type { DeliveryLog, Forge } from '../ports/forge.ts';
import type { GateForge } from '../ports/gate-forge.ts';
import type { History } from '../ports/history.ts';
import type { Issues } from '../ports/issues.ts';
import type { JobSecrets } from '../ports/job-secrets.ts';
import type { Landing } from '../ports/landing.ts';
import type { Log } from '../ports/log.ts';
import type { LogStore } from '../ports/logs.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Proposals } from '../ports/proposals.ts';
import type { Registry } from '../ports/registry.ts';
import type { RegistryKeys } from '../ports/registry-keys.ts';
import type { Reporter } from '../ports/reporter.ts';
import type { Schedules } from '../ports/schedules.ts';
import type { Signals } from '../ports/signals.ts';
import type { Source } from '../ports/source.ts';
import type { DocumentStore, Intake, Notes, WantedLine } from '../ports/store.ts';
import type { Organisations } from './organisation/seen-organisation.ts';

/** What the loops need of the world; `main.ts` fills it in. */
export interface Ports {
  readonly forge: Forge;
  readonly deliveries: DeliveryLog;
  readonly gateForge: GateForge;
  readonly issues: Issues;
  readonly proposals: Proposals;
  readonly source: Source;
  readonly history: History;
  readonly landing: Landing;
  readonly executor: Executor;
  readonly registryKeys: RegistryKeys;
  readonly jobSecrets: JobSecrets;
  readonly documents: DocumentStore;
  readonly intake: Intake;
  readonly line: WantedLine;
  readonly registry: Registry;
  readonly notes: Notes;
  readonly signals: Signals;
  readonly schedules: Schedules;
  readonly reporter: Reporter;
  readonly logs: LogStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** What the operator decided. */
export interface AppSettings {
  /** Tells this process from others that work on the same Redis. */
  readonly worker: string;
  /** Our App's numeric id. */
  readonly appId: number;
  readonly limits: LineLimits;
  /** Left out: nobody asks whether pods are shut in, and nothing is said of it. */
  readonly isolation?: IsolationSettings;
  readonly pool: PoolSettings;
  /** Digest of what pods are made of; null: that is not fixed. */
  readonly environment: string | null;
  /** `owner/name` globs compiled; empty: every repository the App sees. */
  readonly allows: (fullName: string) => boolean;
  readonly logUrl: (build: BuildId) => string | null;
  /** Why what a repository asks for cannot be rendered, for its author; null: it can. */
  readonly whyNotRender: (order: BuildOrder) => string | null;
  readonly renderPod: (order: BuildOrder) => PodManifest;
  /** `containerFile`: the one at the root of the same commit, or null. */
  readonly parseConfig: (
    text: string,
    repository: string,
    containerFile: string | null,
    organisation?: OrganisationView | NoOrganisation,
  ) => ConfigState;
  /** For a repository with no file of ours; `containerFile` null: it has none at its root. */
  readonly defaultConfig: (
    repository: string,
    containerFile: string | null,
    organisation?: OrganisationView | NoOrganisation,
  ) => ConfigState;
  /** How many passes at once. */
  readonly concurrency: number;
  readonly periods: {
    readonly dueMs: number;
    readonly resyncMs: number;
    readonly redeliveryMs: number;
    readonly podsMs: number;
  };
}

export interface AppContext {
  readonly ports: Ports;
  readonly settings: AppSettings;
  readonly pods: PodView;
  readonly organisations: Organisations;
}

/** What a worker is started with; the rest it makes itself. */
export type WorkerContext = Omit<AppContext, 'organisations'>;

/** The executor's pods, listed once for many passes. */
export interface PodView {
  /** At most a second old; null when they could not be listed, those of one place suffice. */
  snapshot(): Promise<readonly ObservedPod[] | null>;
  /** The same as far as they could be listed; null when none could. */
  seen(): Promise<PodListing | null>;
  /** Something changed: the next snapshot is a new listing. Called before the wake that tells of the change. */
  outdate(): void;
}
