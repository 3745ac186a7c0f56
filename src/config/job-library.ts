import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type JobLibrary, type JobTemplate, placeholders } from '../core/pod/job-template.ts';
import { secretRuleOf, volumeNames } from '../core/pod/volumes.ts';
import type { ConfigProblem } from '../model/config.ts';
import { pipelineNames } from '../model/job.ts';
import { type Finding, formatPath, listOf, type Path, type PlacedFinding, quote } from './problems/finding.ts';
import { nearestName } from './problems/nearest-name.ts';
import { renderProblem } from './render-problem.ts';
import { positionAt, toSourceText } from './source-text.ts';
import { nodeAt, placeFinding } from './yaml/located.ts';
import { readDocument } from './yaml/read-document.ts';

const oneOf = <const Word extends string>(words: readonly Word[]) =>
  z.enum(words, { error: `expected ${listOf(words)}` });

const name = z
  .string({ error: 'expected a name' })
  .regex(/^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/, { error: 'expected a name of lower-case letters, digits and "-"' });

const words = z
  .array(
    z.string({ error: 'expected a text' }).refine((text) => !text.includes('{{') || isPlaceholder(text), {
      error: `expected a text without {{ }}, or exactly ${listOf(placeholders)}`,
    }),
    { error: 'expected a list of texts' },
  )
  .default([]);

const stepSchema = z.strictObject({
  name,
  builder: oneOf(['kaniko', 'buildkit', 'buildah']).nullable().default(null),
  beside: z.boolean({ error: 'expected true or false' }).default(false),
  only: oneOf(['takes', 'keeps']).nullable().default(null),
  image: oneOf(['step', 'builder', 'job']),
  security: oneOf(['step', 'owner', 'reader', 'builder', 'daemon', 'client', 'command']),
  command: words,
  args: words,
  input: oneOf(['checkout', 'own', 'build', 'measure', 'upload', 'promote', 'take', 'keep', 'canary'])
    .nullable()
    .default(null),
  env: oneOf(['none', 'job', 'image']).default('none'),
  mounts: z
    .partialRecord(z.enum(volumeNames), oneOf(['read', 'write']), { error: 'expected a map as { src: read }' })
    .default({}),
  resources: oneOf(['step', 'job']).default('step'),
  workingDir: oneOf(['checkout', 'image']).default('image'),
});

const templateSchema = z.strictObject(
  {
    name,
    pipelines: z
      .array(oneOf(pipelineNames), { error: 'expected a list of pipelines' })
      .min(1, { error: 'the list is empty' }),
    steps: z.array(stepSchema, { error: 'expected a list of steps' }),
  },
  { error: 'expected a map with name, pipelines and steps' },
);

type WrittenTemplate = z.output<typeof templateSchema>;
type WrittenStep = WrittenTemplate['steps'][number];

export type TemplateReading =
  | { readonly kind: 'template'; readonly template: JobTemplate }
  | { readonly kind: 'wrong'; readonly problems: readonly ConfigProblem[] };

/** One `jobs/NAME.yaml`; the file's name must be the template's. Never throws. */
export function parseJobTemplate(text: string, file: string, fileName: string): TemplateReading {
  const { root, findings } = readDocument(text);
  if (root === null) return wrong(findings.length > 0 ? findings : [nothing], text, file);
  const parsed = templateSchema.safeParse(root.value);
  const isMissing = (path: Path) => nodeAt(root, path) === undefined;
  const found: readonly Finding[] = parsed.success
    ? flawsOf(parsed.data, fileName)
    : parsed.error.issues.flatMap((issue) => explain(issue, isMissing));
  const all = [...findings, ...found.map((finding) => placeFinding(root, finding))];
  if (!parsed.success || all.length > 0) return wrong(all, text, file);
  return { kind: 'template', template: toTemplate(parsed.data) };
}

/** Reads every `*.yaml` of the folder. Throws with all mistakes, each as `file:line:column` with the line it stands in. */
export async function loadJobLibrary(folder: string): Promise<JobLibrary> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.yaml')).sort();
  if (files.length === 0) throw new Error(`no job templates (*.yaml) in ${folder}`);
  const library = new Map<string, JobTemplate>();
  const mistakes: string[] = [];
  for (const file of files) {
    const path = join(folder, file);
    const text = await readFile(path, 'utf8');
    const reading = parseJobTemplate(text, path, file.slice(0, -'.yaml'.length));
    if (reading.kind === 'template') library.set(reading.template.name, reading.template);
    else mistakes.push(...reading.problems.map((problem) => renderProblem(problem, text)));
  }
  if (mistakes.length > 0) throw new Error(`the job library has mistakes:\n${mistakes.join('\n')}`);
  return library;
}

const nothing: PlacedFinding = {
  offset: 0,
  path: [],
  message: 'the file is empty',
  hint: 'write name, pipelines and steps',
};

function isPlaceholder(text: string): boolean {
  return placeholders.some((each) => each === text);
}

function explain(issue: z.core.$ZodIssue, isMissing: (path: Path) => boolean): Finding[] {
  const path = issue.path as Path;
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(key, path));
  if (isMissing(path)) return [{ path, at: 'value', message: `\`${path.at(-1)}\` is missing here`, hint: null }];
  return [{ path, at: 'value', message: issue.message, hint: null }];
}

function unknownKey(key: string, path: Path): Finding {
  const known =
    path.at(-1) === 'mounts' ? volumeNames : Object.keys((path.length === 0 ? templateSchema : stepSchema).shape);
  const near = nearestName(key, known);
  const hint = near === null ? `allowed here: ${listOf(known)}` : `did you mean \`${near}\`?`;
  return { path: [...path, key], at: 'key', message: `unknown key ${quote(key)}`, hint };
}

function wrong(findings: readonly PlacedFinding[], text: string, file: string): TemplateReading {
  const source = toSourceText(text);
  const problems = findings.map(({ offset, path, message, hint }) => {
    const advice = typeof hint === 'function' ? hint() : hint;
    return { file, ...positionAt(source, offset), path: formatPath(path), message, hint: advice };
  });
  return { kind: 'wrong', problems };
}

/** What the shape alone does not tell: above all that no secret reaches a step that runs code of the repository. */
function flawsOf(template: WrittenTemplate, fileName: string): readonly Finding[] {
  const { steps } = template;
  const found: Finding[] = [];
  const report = (path: Path, message: string, hint: string | null = null) =>
    found.push({ path, at: 'value', message, hint });
  if (template.name !== fileName) report(['name'], `the file is called ${fileName}`, `write ${fileName}`);
  // What neither runs anybody's code nor looks at it needs none.
  const isOurs = steps.every(({ image, mounts }) => image === 'step' && mounts.src === undefined);
  if (!isOurs && steps[0]?.name !== 'checkout')
    report(
      ['steps', 0, 'name'],
      `the first step is called ${quote(steps[0]?.name ?? '')}`,
      'the first step is the checkout',
    );
  const always = steps.filter(({ only }) => only === null);
  if (steps[0]?.name === 'checkout' && always.length < 2)
    report(['steps'], 'a pod with nothing to do after its checkout', 'add a step');
  if ((steps.at(-1)?.builder ?? null) !== null)
    report(
      ['steps', steps.length - 1, 'builder'],
      'the last step depends on the builder',
      'it is the main container of every pod',
    );
  for (const [index, step] of steps.entries()) {
    for (const [key, message, hint] of [...secretFlaws(step, template.name), ...stepFlaws(step, steps.slice(0, index))])
      report(['steps', index, ...key], message, hint);
  }
  return found;
}

type StepFlaw = readonly [path: Path, message: string, hint: string | null];

const rightsOf = {
  step: ['step', 'owner', 'reader', 'builder'],
  builder: ['builder', 'daemon', 'client'],
  job: ['command'],
} as const;

function stepFlaws(step: WrittenStep, before: readonly WrittenStep[]): readonly StepFlaw[] {
  const flaws: StepFlaw[] = [];
  const twin = before.find(
    (other) => other.name === step.name && (other.builder === step.builder || other.builder === null),
  );
  if (twin !== undefined)
    flaws.push([
      ['name'],
      `two steps are called ${quote(step.name)}`,
      'only steps of different builders may share a name',
    ]);
  if (!rightsOf[step.image].some((each) => each === step.security))
    flaws.push([
      ['security'],
      `a step in the image \`${step.image}\` has the rights \`${step.security}\``,
      `allowed: ${listOf(rightsOf[step.image])}`,
    ]);
  if (step.image === 'step' && step.command[0] !== '/sluice/step')
    flaws.push([['command'], 'a step in our own image begins with /sluice/step', null]);
  if (step.image === 'step' && step.env !== 'none')
    flaws.push([['env'], 'a step of ours takes no environment from a repository', 'leave `env` out']);
  if (step.image !== 'step' && step.input !== null)
    flaws.push([['input'], 'only a step of ours can read `input`', 'leave `input` out']);
  if (step.beside !== (step.security === 'daemon'))
    flaws.push([['beside'], 'what runs beside the steps after it is a daemon, and nothing else is one', null]);
  if (step.image === 'job' && step.command.length === 0)
    flaws.push([['name'], 'a step in the image of the job names no command', null]);
  return flaws;
}

function secretFlaws({ name: called, image, mounts }: WrittenStep, template: string): readonly StepFlaw[] {
  return volumeNames.flatMap((volume): readonly StepFlaw[] => {
    const rule = secretRuleOf(volume);
    const access = mounts[volume];
    if (rule === null || access === undefined) return [];
    const path = ['mounts', volume];
    const isElsewhere = rule.only !== null && rule.only.template !== template;
    const where = rule.only === null ? '' : ` of the template \`${rule.only.template}\``;
    if (called !== rule.container || image !== rule.image || isElsewhere)
      return [
        [
          path,
          `the step ${quote(called)} mounts a secret`,
          `only the step \`${rule.container}\`${where}${rule.image === 'step' ? ', in our own image,' : ''} may`,
        ],
      ];
    return access === 'read' ? [] : [[path, 'a secret is mounted to be written', 'write `read`']];
  });
}

function toTemplate({ name: called, pipelines, steps }: WrittenTemplate): JobTemplate {
  const mountsOf = ({ mounts }: WrittenStep) =>
    volumeNames.flatMap((volume) => {
      const access = mounts[volume];
      return access === undefined ? [] : [{ volume, access }];
    });
  return { name: called, pipelines, steps: steps.map((step) => ({ ...step, mounts: mountsOf(step) })) };
}
