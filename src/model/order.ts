import type { Build } from './build.ts';
import type { ReplacedLine } from './from.ts';
import type { Image } from './image.ts';
import type { CanaryOrder } from './isolation.ts';
import type { Job } from './job.ts';
import type { Project } from './project.ts';
import type { PromotedImage, UploadPlace } from './promotion.ts';
import type { ImageRef } from './registry.ts';
import type { Sha } from './sha.ts';

/** What the checkout step fetches and must end up with. */
export interface Checkout {
  readonly cloneUrl: string;
  readonly base: Sha;
  /** Merged onto the base in this order; empty: the base itself is built. */
  readonly heads: readonly Sha[];
  /** The tree that the deterministic merge must give; another one fails the Build as ours. */
  readonly tree: Sha;
  /** Other projects that an image's context holds besides, decided when the Build was planned; left out: none. */
  readonly siblings?: readonly Sibling[];
}

/** One commit of another project, checked out into `.siblings/OWNER/NAME` of an image's context (images.md §1). */
export interface Sibling {
  /** Who it is and where it is fetched from. */
  readonly project: Project;
  readonly commit: Sha;
  /** Names the commit on the remote where no branch holds it, as a candidate's does; null: it is asked for by its id. */
  readonly ref: string | null;
}

/** An image entry with its files found in the tree that is built. */
export interface ResolvedImage {
  readonly image: Image;
  /** Path of the container file from the repository root. */
  readonly containerFile: string;
  /** The one stage to build, or null for the last with every stage built. */
  readonly target: string | null;
  readonly platform: string | null;
  /** Lines of the container file that its `from` rules replace, decided with the tree; left out: it has no rules. */
  readonly replaced?: readonly ReplacedLine[];
  /** The language version of the `go.mod` that counts for it, as `1.24`; left out: nothing asks for it, or there is none. */
  readonly goVersion?: string;
  /** What its builder does otherwise than its container file says, for the author; left out: nothing. */
  readonly notes?: readonly string[];
}

/** Everything an executor's pod is rendered from; plain data. */
export interface BuildOrder {
  readonly build: Build;
  readonly project: Project;
  readonly job: Job;
  /** In whose name it runs; left out: the branch that its subject names. */
  readonly branch?: string;
  readonly checkout: Checkout;
  /** For template jobs that build an image; null otherwise. */
  readonly image: ResolvedImage | null;
  /** Where the image, or what a command is to keep, goes by a container of ours that alone holds the credential; left out: nowhere. */
  readonly upload?: UploadOrder;
  /** What is promoted, of a job of template promote-image; left out: nothing. */
  readonly promote?: PromoteOrder;
  /** What is tried, of a job of template canary; left out: nothing. */
  readonly canary?: CanaryOrder;
  /** What jobs that it needs kept, brought by a container of ours before its command starts; left out: nothing. */
  readonly takes?: TakeOrder;
}

/** Files that jobs kept, and the branch in whose name they are read. */
export interface TakeOrder {
  readonly branch: string;
  readonly artifacts: readonly TakenFiles[];
}

/** What one job kept: as it said itself, so that another size or digest is something else. */
export interface TakenFiles {
  readonly job: string;
  readonly from: ImageRef;
  /** Of all files together. */
  readonly bytes: number;
}

/** Images of one landing, and the branch in whose name their tags are set. */
export interface PromoteOrder {
  readonly branch: string;
  readonly images: readonly PromotedImage[];
}

/** A place in a registry, and the branch in whose name it is written to: credentials are bound to branches (images.md §4). */
export interface UploadOrder extends UploadPlace {
  readonly branch: string;
}

/** How BuildKit's daemon gets the rights that its nested containers need (builders.md §7, §7a). */
export interface BuildkitSettings {
  readonly image: string;
  /** `user-namespace`: root of the pod's own user namespace, by the kubelet; `rootless`: a plain user who makes one with rootlesskit. */
  readonly form: 'user-namespace' | 'rootless';
}

/** The server's side of a pod: never taken from a repository. */
export interface PoolSettings {
  readonly stepImage: string;
  readonly kanikoImage: string;
  readonly builder: 'kaniko' | 'buildkit' | 'buildah';
  /** Left out: it is not the builder. */
  readonly buildkit?: BuildkitSettings;
  /** The value of the owner label by which our pods are told from others'. */
  readonly owner: string;
  readonly hostUsers: boolean | null;
  readonly runtimeClassName: string | null;
  readonly nodeSelector: Readonly<Record<string, string>>;
  /** Added to every builder call: `from=to` registry mirrors, and hosts to be spoken to without TLS. */
  readonly registryMaps: readonly string[];
  readonly insecureRegistries: readonly string[];
}
