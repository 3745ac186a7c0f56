import { definitionDigest } from '../../model/build.ts';
import type { CheckRunReport, Conclusion } from '../../model/check-run.ts';
import type { ConfigProblem } from '../../model/config.ts';
import { organisationFile } from '../../model/organisation.ts';
import type { Sha } from '../../model/sha.ts';
import { problemLine } from '../text/problem-line.ts';
import { cutText, inlineCode } from '../text/safe-markdown.ts';

/** Name of the check run on an organisation's own repository. */
const organisationCheck = 'sluice/organisation';

/** Which repositories a template is for, as far as the forge alone tells. */
export interface TemplateReach {
  readonly template: string;
  /** Full names by their name and topics. */
  readonly surely: readonly string[];
  /** Those where the files of the commit that is planned decide. */
  readonly byFiles: readonly string[];
}

/** What a commit of an organisation's own repository would do if it counted. */
export type OrganisationForecast =
  | {
      readonly kind: 'valid';
      /** How many repositories Sluice serves there. */
      readonly repositories: number;
      /** Something is said of all of them. */
      readonly hasDefaults: boolean;
      readonly reach: readonly TemplateReach[];
      /** What would be refused in a repository that has no file of its own; empty: nothing. */
      readonly refusals: readonly { readonly templates: readonly string[]; readonly problem: ConfigProblem }[];
    }
  | { readonly kind: 'invalid'; readonly problems: readonly ConfigProblem[] };

/** Where the forecast is of what counts already: what counts while it is invalid; null: nothing was ever valid. */
export type Counting = { readonly kind: 'change' } | { readonly kind: 'branch'; readonly lastValid: Sha | null };

interface Words {
  readonly conclusion: Conclusion;
  readonly title: string;
  readonly summary: string;
}

const shown = 10;

function namesOf(names: readonly string[]): string {
  const more = names.length > shown ? ` and ${names.length - shown} more` : '';
  return `${names.slice(0, shown).map(inlineCode).join(', ')}${more}`;
}

function repositories(count: number): string {
  return count === 1 ? '1 repository' : `${count} repositories`;
}

function reachLine({ template, surely, byFiles }: TemplateReach): string {
  const parts = [
    ...(surely.length === 0 ? [] : [`${repositories(surely.length)}: ${namesOf(surely)}`]),
    ...(byFiles.length === 0
      ? []
      : [`as their files say, ${repositories(byFiles.length)} at most: ${namesOf(byFiles)}`]),
  ];
  return `* ${inlineCode(template)}: ${parts.length === 0 ? 'chosen by no selector; `extends` may name it' : parts.join('; ')}`;
}

function wordsOfValid(forecast: Extract<OrganisationForecast, { kind: 'valid' }>): Words {
  const { reach, refusals, hasDefaults } = forecast;
  const surely = new Set(reach.flatMap((each) => each.surely));
  const maybe = new Set(reach.flatMap((each) => each.byFiles).filter((name) => !surely.has(name)));
  const of = `of ${repositories(forecast.repositories)}`;
  const files = maybe.size === 0 ? '' : ` and, as their files say, up to ${maybe.size} more`;
  const title = `Valid: chosen for ${surely.size}${files} ${of}`;
  const everywhere = hasDefaults
    ? `Its defaults are below what all ${repositories(forecast.repositories)} say.\n\n`
    : '';
  const refused = refusals.map(
    ({ templates, problem }) => `${problemLine(problem)} (with ${templates.map(inlineCode).join(', ')})`,
  );
  const lacking =
    refused.length === 0
      ? ''
      : `\n\nA repository that has no file of its own would be refused:\n\n${refused.join('\n')}`;
  const summary = `${everywhere}${reach.map(reachLine).join('\n')}${lacking}`;
  return {
    conclusion: refusals.length === 0 ? 'success' : 'neutral',
    title,
    summary: summary === '' ? 'It says nothing of any repository.' : summary,
  };
}

function wordsOfInvalid(problems: readonly ConfigProblem[], counting: Counting): Words {
  const count = problems.length === 1 ? 'one mistake' : `${problems.length} mistakes`;
  const counts =
    counting.kind === 'change'
      ? 'Once landed, it would change nothing for anybody until it is mended'
      : counting.lastValid === null
        ? 'None before it was valid: nothing of it counts'
        : `Until it is mended the last valid one counts, of ${counting.lastValid}`;
  const summary = `${counts}.\n\n${problems.map(problemLine).join('\n')}`;
  return { conclusion: 'failure', title: `${organisationFile}: ${count}`, summary };
}

/** The check run that says whether an organisation's file is valid, and for how many of its repositories. */
export function reportOrganisation(commit: Sha, forecast: OrganisationForecast, counting: Counting): CheckRunReport {
  const { conclusion, title, summary } =
    forecast.kind === 'valid' ? wordsOfValid(forecast) : wordsOfInvalid(forecast.problems, counting);
  const problems = forecast.kind === 'valid' ? [] : forecast.problems;
  return {
    commit,
    name: organisationCheck,
    // A final one is never reopened: other words are another one.
    externalId: `${organisationCheck}/${definitionDigest([commit, conclusion, title, summary])}`,
    state: { status: 'completed', conclusion },
    title,
    summary: cutText(summary),
    text: '',
    annotations: problems.map(({ line, message, hint }) => ({
      path: organisationFile,
      line,
      endLine: line,
      message: hint === null ? message : `${message} ${hint}`,
    })),
    actions: [],
    detailsUrl: null,
    startedAt: null,
    completedAt: null,
  };
}
