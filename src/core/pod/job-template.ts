import type { PipelineName } from '../../model/job.ts';
import type { VolumeName } from './volumes.ts';

/** What a template job does, step by step: the content of one `jobs/*.yaml`. */
export interface JobTemplate {
  readonly name: string;
  /** Where it may stand; a job that names another pipeline is a mistake. */
  readonly pipelines: readonly PipelineName[];
  /** One after another, the last is the pod's main container; empty: the job needs no pod. */
  readonly steps: readonly TemplateStep[];
}

/** All templates by name. */
export type JobLibrary = ReadonlyMap<string, JobTemplate>;

/** Whose image a step is: ours with the step programs, the builder's, or the one that the job names. */
export type StepImage = 'step' | 'builder' | 'job';

/** Rights of a step (security.ts). */
export type SecurityProfile = 'step' | 'owner' | 'reader' | 'builder' | 'daemon' | 'client' | 'command';

/** What a step program is given as JSON in `SLUICE_STEP`. */
export type StepInputName =
  | 'checkout'
  | 'own'
  | 'build'
  | 'measure'
  | 'upload'
  | 'promote'
  | 'take'
  | 'keep'
  | 'canary';

export interface TemplateStep {
  readonly name: string;
  /** Only where this builder builds; null: always. */
  readonly builder: 'kaniko' | 'buildkit' | 'buildah' | null;
  /** It is started before the steps after it, and runs beside them until the last has ended. */
  readonly beside: boolean;
  /** Only for a job that gets artifacts of others, or keeps its own; null: always. */
  readonly only: 'takes' | 'keeps' | null;
  readonly image: StepImage;
  readonly security: SecurityProfile;
  /** Empty: the image's own entry point. */
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly input: StepInputName | null;
  /** Environment that the repository gives: of the job, or `extraEnv` of the image. */
  readonly env: 'none' | 'job' | 'image';
  readonly mounts: readonly StepMount[];
  /** `step`: the little that our own programs need; `job`: what the job asks for. */
  readonly resources: 'step' | 'job';
  /** The checkout itself, or what the image says. */
  readonly workingDir: 'checkout' | 'image';
}

export interface StepMount {
  readonly volume: VolumeName;
  readonly access: 'read' | 'write';
}

/** What may stand as a whole word in `command` and `args` of a step; nothing else is replaced. */
export const placeholders = [
  '{{ builder.arguments }}',
  '{{ buildkit.daemon }}',
  '{{ buildkit.stages }}',
  '{{ job.command }}',
] as const;
