import type { Job, PipelineName } from '../../model/job.ts';

/** An image with the tags that it gets; none: it is built and pushed nowhere. */
export interface TaggedImage {
  readonly name: string;
  readonly tags: readonly string[];
  /** The same by stage, where it has several. */
  readonly byTarget?: Readonly<Record<string, readonly string[]>>;
}

/** What becomes of one job after something was pushed. */
export interface PlannedJob {
  readonly pipeline: PipelineName;
  readonly job: string;
  /** `wait`: somebody may press the button, or something is read again; `refuse`: it fails, and says why. */
  readonly decision: 'run' | 'skip' | 'wait' | 'refuse';
  readonly reason: string;
  /** What is built or published with which tags; empty where nothing is. */
  readonly images: readonly TaggedImage[];
  readonly release?: { readonly version: string; readonly final: boolean };
}

/** What it waits for, in words that follow its reason; empty: nothing. */
export function afterNeeds({ needs }: Job): string {
  return needs.length === 0 ? '' : `; it starts after ${needs.map((need) => need.job).join(', ')}`;
}
