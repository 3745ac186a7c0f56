import { resolveVersion } from '../../config/resolve/resolve-version.ts';
import {
  decideMerge,
  type Forecast,
  forecastId,
  forecastWords,
  type MergeForecast,
  reportForecast,
  stepOf,
} from '../../core/postsubmit/forecast-merge.ts';
import type { ForgeFacts } from '../../core/presubmit/facts.ts';
import { notInitiator, roleOf } from '../../core/version/branch-role.ts';
import { imagesOfComponent } from '../../core/version/component-images.ts';
import type { KnownReleases } from '../../core/version/known-releases.ts';
import { readVersion } from '../../core/version/read-version.ts';
import type { CheckRunReport } from '../../model/check-run.ts';
import type { PreparedChange } from '../../model/code.ts';
import type { ProjectConfig } from '../../model/config.ts';
import type { Project } from '../../model/project.ts';
import type { PullRequest } from '../../model/pull-request.ts';
import type { Sha } from '../../model/sha.ts';
import type { SubjectId } from '../../model/subject.ts';
import type { VersionComponent, VersionSettings } from '../../model/version-settings.ts';
import type { AppContext } from '../context.ts';
import type { ConfigReader } from '../read-config.ts';
import { knownReleases } from '../release/known-releases.ts';

/** A pull request's head, merged onto its base as that is now. */
interface Merged {
  readonly subject: SubjectId;
  readonly project: Project;
  readonly pull: PullRequest;
  readonly base: Sha;
  readonly tree: Sha;
}

type Read = Omit<MergeForecast, 'known' | 'whyNot'>;

async function readOne(
  { ports }: Pick<AppContext, 'ports'>,
  { project, pull, base, tree }: Merged,
  settings: VersionSettings,
  component: VersionComponent,
): Promise<Read> {
  const { before, after, changed } = await ports.history.merged(project, base, tree, component.file);
  const [from, to] = [readVersion(before, settings.scheme), readVersion(after, settings.scheme)];
  const { baseRef: branch } = pull;
  return { branch, defaultBranch: project.defaultBranch, settings, component, base, tree, from, to, changed };
}

/** Asked before two trees are compared: most projects without `version:` have none, and are looked at again and again. */
async function standsThere({ ports }: AppContext, { project, tree }: Merged, path: string): Promise<boolean> {
  return (await ports.source.entries(project, tree, [path])).get(path)?.kind === 'file';
}

/** Without `version:` the usual counts where the merge holds a VERSION with a version; null: the project has none. */
async function readAll(context: AppContext, merged: Merged, config: ProjectConfig): Promise<readonly Read[]> {
  const settings = config.version ?? resolveVersion({});
  const [usual] = settings.components;
  if (config.version === null && usual !== undefined && !(await standsThere(context, merged, usual.file))) return [];
  const all: Read[] = [];
  for (const component of settings.components) all.push(await readOne(context, merged, settings, component));
  return config.version !== null || all.some(({ to }) => to.kind === 'version') ? all : [];
}

const nothing: KnownReleases = { records: [], tags: [], published: [] };

/** What is released already, where the merge would release something. */
async function knownFor(context: AppContext, { project }: Merged, config: ProjectConfig, read: Read) {
  const { settings, component, branch, defaultBranch } = read;
  if (roleOf(settings, branch, defaultBranch).kind !== 'release' || stepOf(read).length === 0) return nothing;
  const images = imagesOfComponent(component, settings.components, config.images);
  return knownReleases(context, { project, branch, settings, component, images });
}

/** Of the author, who is taken for the one that lands it; `isKnown`: that could be found out. */
async function authorOf({ ports }: AppContext, { project, pull }: Merged, { settings }: Read) {
  const { initiators } = settings.release;
  if (initiators === null) return { isKnown: true, whyNot: null };
  const found = await ports.forge.isOneOf(project, pull.author, initiators);
  if (!found.known) return { isKnown: false, whyNot: null };
  return { isKnown: true, whyNot: found.listed ? null : notInitiator(pull.author.login, initiators) };
}

async function tell(context: AppContext, config: ConfigReader, merged: Merged): Promise<CheckRunReport | null> {
  const { subject, project, pull, base, tree } = merged;
  const state = await config.configAt(project, tree);
  // What is wrong with its file, the check run `sluice` says.
  if (state.kind !== 'valid') return null;
  const told: Forecast['told'][number][] = [];
  for (const read of await readAll(context, merged, state.config)) {
    const known = await knownFor(context, merged, state.config, read);
    const { isKnown, whyNot } = await authorOf(context, merged, read);
    const forecast = { ...read, known, whyNot };
    const decision = decideMerge(forecast);
    told.push({ words: forecastWords(forecast, decision, isKnown), decision });
  }
  if (told.length === 0) return null;
  const { head, baseRef } = pull;
  return reportForecast({ subject, head, baseRef, base, tree, told, shadow: state.config.mode === 'shadow' });
}

/**
 * What merging a pull request would build and release (versions.md V23), once for each head and tip of its base; null: it was
 * told, the project has no versions, or it cannot be found out now.
 */
export async function forecastPull(
  context: AppContext,
  config: ConfigReader,
  subject: SubjectId,
  { project, pull, unconfirmed }: Partial<Pick<ForgeFacts, 'project' | 'pull' | 'unconfirmed'>>,
  prepared: PreparedChange | null,
): Promise<CheckRunReport | null> {
  // Nobody waits for it: what is to be built begins first.
  if (!project || pull?.state !== 'open' || unconfirmed === true || prepared?.merge.kind !== 'merged') return null;
  const { reporter, log } = context.ports;
  const { head, baseRef } = pull;
  const { tree } = prepared.merge;
  const id = forecastId({ subject, head, baseRef, tree });
  if ((await reporter.known([id])).has(id)) return null;
  try {
    return await tell(context, config, { subject, project, pull, base: prepared.base, tree });
  } catch (err) {
    log.warn({ subject, err }, 'what merging would do cannot be told now');
    return null;
  }
}
