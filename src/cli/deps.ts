import type { ExplainedValue } from '../config/explain-config.ts';
import type { HandBuild } from '../core/builders/by-hand.ts';
import type { BuildResult, BuiltImage } from '../model/build.ts';
import type { ConfigProblem } from '../model/config.ts';
import type { PipelineName } from '../model/job.ts';
import type { PodManifest } from '../model/pod.ts';
import type {
  Audit,
  AuditWish,
  ChangeView,
  FlakesView,
  FlakesWish,
  QueueReceipt,
  QueueView,
  QueueWish,
  QueueWord,
  RecordedQueue,
} from './queue-view.ts';
import type { Verification, VerifyWish } from './verify-view.ts';

/** Where a verb writes to and what it knows of its surroundings. */
export interface CliIo {
  /** What was asked for; the only thing on standard output. */
  readonly out: (text: string) => void;
  /** Progress, hints and errors. */
  readonly err: (text: string) => void;
  /** A person sits there: colours and opening a browser are welcome. */
  readonly terminal: boolean;
  /** Aborts when the person presses Ctrl-C or the process is told to end. */
  readonly interrupted: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Text that nobody can guess, safe in URLs. */
  readonly newToken: () => string;
}

export type ExecutorChoice = 'kubernetes' | 'podman' | 'process';

export interface ServeOptions {
  readonly role: 'web' | 'worker' | 'all';
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  readonly data: string;
  /** Null: what the environment says, else a private server. */
  readonly redis: string | null;
  /** Where GitHub and people reach us; null: nobody does, so deliveries are polled. */
  readonly publicUrl: string | null;
  readonly executor: ExecutorChoice | null;
}

export interface ConfigCheck {
  /** Empty: the file is valid. */
  readonly problems: readonly ConfigProblem[];
  /** What a valid file gives, for people: its jobs with their pipelines, and what was left to defaults. */
  readonly notes: readonly string[];
}

/** A push that is planned as if it had happened, with what git does not know of it. */
export interface PushWish {
  /** `OLD..NEW`. */
  readonly range: string;
  /** As `refs/heads/main`. */
  readonly ref: string;
  /** Login, and teams as `team:ORG/NAME`; empty: somebody who may release. */
  readonly pushedBy: readonly string[];
  /** `VERSION=COMMIT`, or `none`; empty: what tags and release branches show. */
  readonly released: readonly string[];
  /** `IMAGE=COMMIT`; empty: every image is judged on the push alone. */
  readonly published: readonly string[];
}

export type PlanSource =
  | { readonly kind: 'event'; readonly name: string; readonly payload: unknown }
  | { readonly kind: 'pull-request'; readonly number: number }
  | { readonly kind: 'push'; readonly wish: PushWish };

/** One line of `plan --json`: a stable form that others script against; fields are only ever added. */
export interface PlanDecision {
  readonly pipeline: PipelineName;
  readonly job: string;
  readonly decision: 'run' | 'skip' | 'wait' | 'refuse';
  readonly reason: string;
  readonly required?: boolean;
  /** Of a push: what is built or published, with its tags; empty: nothing is. */
  readonly images?: readonly { readonly name: string; readonly tags: readonly string[] }[];
  readonly release?: { readonly version: string; readonly final: boolean };
}

export interface Plan {
  readonly decisions: readonly PlanDecision[];
  /** What else a person should know, as why an event is ignored. Not part of the JSON. */
  readonly notes: readonly string[];
}

export interface TriedBuild {
  readonly job: string;
  readonly result: BuildResult;
  readonly because: string;
  readonly milliseconds: number;
  readonly image: BuiltImage | null;
}

export interface BuildLine {
  readonly build: string;
  /** `owner/name#number`. */
  readonly change: string;
  readonly job: string;
  readonly state:
    | { readonly kind: 'waiting'; readonly ahead: number; readonly since: number }
    | { readonly kind: 'running'; readonly since: number }
    | { readonly kind: 'ended'; readonly result: BuildResult; readonly at: number };
  readonly because: string;
}

export interface DevGithubOptions {
  /** 0: a free one. */
  readonly port: number;
  /** Where its repositories are kept; null: a temporary folder that goes with it. */
  readonly folder: string | null;
}

export interface DevGithub {
  /** The web and git address, as `http://127.0.0.1:4000`. */
  readonly url: string;
  /** What Octokit takes as `baseUrl`. */
  readonly apiUrl: string;
  readonly login: string;
  /** A token of that user, good for REST and git. */
  readonly token: string;
  /** `owner/name` of a repository that is there to be tried. */
  readonly repository: string;
  close(): Promise<void>;
}

export interface DemoOptions {
  /** `once`: play and end; `keep`: play, then stay until interrupted with the addresses printed. */
  readonly mode: 'once' | 'keep';
  /** Null: the best that is present. */
  readonly executor: ExecutorChoice | null;
}

/** What the App's manifest says beside `app.yml`. */
export interface ManifestWishes {
  readonly name: string;
  /** Home page of this Sluice. */
  readonly url: string;
  /** Where deliveries go; null: nowhere, the webhook is made inactive. */
  readonly webhookUrl: string | null;
  /** Where GitHub sends the browser back to, with the code. */
  readonly redirectUrl: string;
}

/** What GitHub gives for a manifest's code, once. */
export interface RegisteredApp {
  readonly appId: number;
  readonly slug: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Empty where there is no webhook. */
  readonly webhookSecret: string;
  /** PEM. */
  readonly privateKey: string;
  /** The App's own page. */
  readonly htmlUrl: string;
}

/** What `explain` is asked for. */
export interface ExplainWish {
  /** A clone, whose working tree is explained. */
  readonly folder: string;
  /** Null: all of them. */
  readonly job: string | null;
  /** A clone of the organisation's own repository; null: the one that the environment names. */
  readonly organisation: string | null;
}

export interface Explanation {
  readonly values: readonly ExplainedValue[];
  /** How each image of the jobs is built without us, in the root of the repository. */
  readonly byHand: readonly (HandBuild & { readonly job: string })[];
  /** What else a person should know. */
  readonly notes: readonly string[];
}

/** What main hands in. Each may throw a `cliError`; anything else that is thrown is shown as a failure of ours. */
export interface CliDeps {
  readonly io: CliIo;
  readonly version: string;
  /** Serves until `io.interrupted`. */
  serve(options: ServeOptions): Promise<void>;
  checkConfig(content: Uint8Array, file: string): Promise<ConfigCheck>;
  plan(repository: string, source: PlanSource): Promise<Plan>;
  /** Where each value of a clone's configuration comes from, and how its images are built by hand. */
  explain(wish: ExplainWish): Promise<Explanation>;
  /** The pods of a job's builds as they would be made for the working tree. */
  render(repository: string, job: string): Promise<readonly PodManifest[]>;
  toYaml(value: unknown): Promise<string>;
  /** Builds here and now; null: every presubmit job that applies. Gives output as it comes. */
  tryJob(
    repository: string,
    job: string | null,
    executor: ExecutorChoice | null,
    onOutput: (text: string) => void,
  ): Promise<readonly TriedBuild[]>;
  /** What waits and is being built; with `all` also what ended. */
  builds(all: boolean): Promise<readonly BuildLine[]>;
  /** Every queue that the server knows, by repository and branch. */
  queues(): Promise<readonly QueueView[]>;
  /** Puts an operator's word where the server takes it up. */
  tellQueue(word: QueueWord): Promise<QueueReceipt>;
  /** The reasons of one pull request; `repository` null: the only one that has its number. */
  why(number: number, repository: string | null): Promise<ChangeView>;
  audit(wish: AuditWish): Promise<Audit>;
  flakes(wish: FlakesWish): Promise<FlakesView>;
  recordArrivals(wish: QueueWish): Promise<RecordedQueue>;
  devGithub(options: DevGithubOptions): Promise<DevGithub>;
  /** True when every step held. */
  demo(options: DemoOptions): Promise<boolean>;
  /** The manifest from `app.yml`, ready to be posted to GitHub. */
  manifestFor(wishes: ManifestWishes): Promise<object>;
  /** The page that takes the manifest; null: the App belongs to the person. */
  creationUrl(github: string, organisation: string | null, state: string): string;
  /** Tries out, with the App's own credentials, whether it can land on a branch. */
  verify(wish: VerifyWish): Promise<Verification>;
  /** Trades the code for the App's credentials at this GitHub (its web address); works once within an hour. */
  exchangeCode(github: string, code: string): Promise<RegisteredApp>;
}
