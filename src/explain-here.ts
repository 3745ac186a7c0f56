import { readImageFiles, treeReader } from './app/read-image-files.ts';
import type { ExplainWish, Explanation } from './cli/deps.ts';
import { cliError } from './cli/exit-codes.ts';
import { type ConfigExplanation, type ExplainedValue, explainConfig } from './config/explain-config.ts';
import { buildByHand } from './core/builders/by-hand.ts';
import { pointsOf } from './core/job-points.ts';
import { type OpenedClone, projectOf, withLocalClone } from './local-project.ts';
import { readOwnFile } from './local-tree.ts';
import type { Machine } from './machine.ts';
import { configFile, type ProjectConfig } from './model/config.ts';
import type { Job } from './model/job.ts';
import type { Project } from './model/project.ts';
import type { Sha } from './model/sha.ts';
import { poolSettings, wantedBuilder } from './pool-settings.ts';
import { demandJob, orderFor } from './render-job.ts';
import { readWorkingTree, type WorkingTree } from './working-tree.ts';

type Valid = Extract<ConfigExplanation, { kind: 'valid' }>;

async function demandExplanation(clone: OpenedClone, project: Project, at: Sha): Promise<Valid> {
  const { text, fault, containerFile, organisation } = await readOwnFile(clone.source, project, at);
  if (fault !== null) throw cliError('failed', `${configFile}: ${fault}`);
  const context = { file: configFile, repositoryName: project.name, containerfile: containerFile, organisation };
  const explained = explainConfig(text, context);
  if (explained.kind === 'valid') return explained;
  const mistakes = explained.problems.map(
    ({ file, line, column, message, hint }) =>
      `\n  ${file}:${line}:${column}: ${message}${hint === null ? '' : ` ${hint}`}`,
  );
  throw cliError('failed', `the configuration is invalid${mistakes.join('')}`);
}

/** Values of one job, and of the images that it works on. */
function concerning(values: readonly ExplainedValue[], { name, content }: Job, { images }: ProjectConfig) {
  const own = /^[A-Za-z_][\w-]{0,99}$/.test(name) ? `jobs.${name}` : `jobs[${JSON.stringify(name)}]`;
  const used =
    'images' in content ? content.images.map((image) => images.findIndex((each) => each.name === image.name)) : [];
  const places = [own, ...used.map((index) => `images[${index}]`)];
  return values.filter(({ path }) => places.some((place) => path === place || path.startsWith(`${place}.`)));
}

async function buildsOf(
  clone: OpenedClone,
  place: WorkingTree & { readonly project: Project; readonly tree: Sha },
  { config, machine }: { readonly config: ProjectConfig; readonly machine: Machine },
  jobs: readonly Job[],
): Promise<Pick<Explanation, 'byHand' | 'notes'>> {
  const reader = treeReader(clone.source, place.project, place.tree);
  const files = await readImageFiles(reader, { kind: 'usable', config, notes: [] }, wantedBuilder(machine));
  const { kanikoImage } = poolSettings(machine, 'kaniko', 'unused', 'sluice');
  const notes: string[] = [];
  const byHand = jobs.flatMap((job) => {
    const { template } = job.content;
    if (template !== 'build-image' && template !== 'upload-image') return [];
    const points = pointsOf(job, null, files);
    if (points.kind === 'refused') throw cliError('failed', `${job.name}: ${points.because}`);
    return points.points.flatMap((point) => {
      if (point === null || 'cell' in point) return [];
      notes.push(...(point.notes ?? []).map((note) => `${point.image.name}: ${note}.`));
      return [{ job: job.name, ...buildByHand(orderFor(place, job, point), point, kanikoImage) }];
    });
  });
  return { byHand, notes: [...new Set(notes)] };
}

/** What the configuration of a clone's working tree comes to, each value with its origin; throws where it is invalid. */
export function explainHere({ folder, job, organisation }: ExplainWish, machine: Machine): Promise<Explanation> {
  const explain = async (clone: OpenedClone): Promise<Explanation> => {
    const project = await projectOf(clone);
    const working = await readWorkingTree(clone);
    const { merge, head } = working.prepared;
    const tree = merge.kind === 'merged' ? merge.tree : head;
    const { values, templates, config } = await demandExplanation(clone, project, tree);
    const only = job === null ? null : demandJob(config.jobs, job);
    const { byHand, notes } = await buildsOf(
      clone,
      { ...working, project, tree },
      { config, machine },
      only ? [only] : config.jobs,
    );
    const named = clone.source.organisation !== null;
    return {
      values: only ? concerning(values, only, config) : values,
      byHand,
      notes: [
        `Of ${working.told}.`,
        ...(templates.length === 0 ? [] : [`Templates below it, lowest first: ${templates.join(', ')}.`]),
        named
          ? 'Topics only the forge knows: a selector by topic chooses nothing here.'
          : 'Of its organisation nothing is known here: --organisation FOLDER names a clone of OWNER/.sluice.',
        ...notes,
      ],
    };
  };
  return withLocalClone(folder, machine, explain, organisation ?? machine.organisation);
}
