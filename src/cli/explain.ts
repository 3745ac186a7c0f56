import type { Explanation } from './deps.ts';
import type { AddVerb } from './program.ts';
import { formatTable } from './table.ts';

interface ExplainOptions {
  readonly job?: string;
  readonly organisation?: string;
  readonly json?: true;
}

export const addExplain: AddVerb = (program, deps) => {
  program
    .command('explain')
    .description('show where each value of the configuration comes from, and how its images are built by hand')
    .argument('[folder]', 'clone to explain', '.')
    .option('--job <name>', 'only this job, and the images that it works on')
    .option('--organisation <folder>', 'a clone of OWNER/.sluice (default: the one that SLUICE_ORGANISATION names)')
    .option(
      '--json',
      'print {"values": [{"path", "value", "from"}], "byHand": [{"job", "image", "buildah", "kaniko"}]}',
    )
    .action(async (folder: string, { job, organisation, json }: ExplainOptions) => {
      const wish = { folder, job: job ?? null, organisation: organisation ?? null };
      const explanation = await deps.explain(wish);
      const { values, byHand, notes } = explanation;
      deps.io.out(json ? `${JSON.stringify({ values, byHand }, null, 2)}\n` : describe(explanation));
      for (const note of notes) deps.io.err(`${note}\n`);
    });
};

type Value = Explanation['values'][number];

function originOf({ from }: Value): string {
  return from.kind === 'written' ? `${from.file}:${from.line}:${from.column}` : `(${from.because})`;
}

function describe({ values, byHand }: Explanation): string {
  const rows = values.map((each) => [each.path, wordsOf(each.value), originOf(each)]);
  return `${formatTable(['value', 'is', 'from'], rows)}${byHand.map(describeBuild).join('')}`;
}

function wordsOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function describeBuild({
  job,
  image,
  target,
  platform,
  prepare,
  buildah,
  kaniko,
}: Explanation['byHand'][number]): string {
  const which = [image, target, platform].filter((word) => word !== null).join(', ');
  const first = prepare === null ? '' : `${prepare}\n`;
  return `\n# ${job} (${which}) by hand, in the root of the repository; either one:\n${first}${buildah}\n${kaniko}\n`;
}
