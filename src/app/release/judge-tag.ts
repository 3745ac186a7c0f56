import { askTag, readTag, type TagMeaning } from '../../core/postsubmit/plan-tag.ts';
import { jobsOn } from '../../core/postsubmit/push-jobs.ts';
import type { JudgedTag, WantedTag } from '../../core/release/plan-tags.ts';
import { isSameVersion } from '../../core/version/compare-versions.ts';
import { imagesOfComponent } from '../../core/version/component-images.ts';
import { parseVersion, readVersion } from '../../core/version/read-version.ts';
import { configFile, type ProjectConfig } from '../../model/config.ts';
import type { Project } from '../../model/project.ts';
import type { ReleaseWish } from '../../model/release.ts';
import type { Version } from '../../model/version.ts';
import type { VersionSettings } from '../../model/version-settings.ts';
import type { AppContext } from '../context.ts';
import { versionsAt } from '../push/watched-branch.ts';
import type { ConfigReader } from '../read-config.ts';
import { branchesWith } from './find-wish.ts';
import { knownReleases, type LedgerRelease, releasesInLedgers } from './known-releases.ts';

function says(because: string): JudgedTag {
  return { kind: 'says', conclusion: 'failure', because };
}

/** The very same files are released already (versions.md V12). */
function confirms({ raw }: Version, { commit }: LedgerRelease): JudgedTag {
  const because = `${raw} is released from ${commit.slice(0, 12)}, which has the same files: nothing is built`;
  return { kind: 'says', conclusion: 'success', because };
}

const untouched = 'the registry was not touched';

/** A project without versions: each tag is a release of its own, and the default branch's ledger has it. */
async function judgePlain(
  context: AppContext,
  project: Project,
  config: ProjectConfig,
  { tag, commit, by }: WantedTag,
): Promise<JudgedTag> {
  if (jobsOn(config.jobs, 'tag').length === 0) return { kind: 'ignored' };
  const known = (await releasesInLedgers(context, project)).find((detail) => detail.tag === tag);
  if (known !== undefined && known.commit !== commit)
    return says(`the tag ${tag} was moved: it is released already from ${known.commit.slice(0, 12)}, ${untouched}`);
  const plain = { branch: project.defaultBranch, component: null, version: tag, tag, commit, by };
  return { kind: 'asks', wish: { ...plain, ground: null, held: null, isVersion: false } };
}

async function judgeVersion(
  context: AppContext,
  project: Project,
  config: ProjectConfig,
  settings: VersionSettings,
  meaning: TagMeaning,
  { tag, commit, by }: WantedTag,
): Promise<JudgedTag> {
  const { component, version } = meaning;
  const { file } = await context.ports.history.push(project, commit, commit, component.file);
  const reading = readVersion(file, settings.scheme);
  const images = imagesOfComponent(component, settings.components, config.images);
  const search = { project, branch: project.defaultBranch, settings, component, images };
  const { records } = await knownReleases(context, search);
  const branches = await branchesWith(context, project, commit);
  const { defaultBranch } = project;
  const asked = askTag({ tag, commit, defaultBranch, branches, reading, records }, settings, meaning);
  if ('decision' in asked) return asked.decision === 'refuse' ? says(asked.because) : { kind: 'ignored' };
  const record = records.find((each) => isSameVersion(each.version, version));
  const tree = await context.ports.landing.treeOf(project, commit);
  const other = record?.commit === commit ? undefined : record;
  if (other !== undefined && other.tree !== tree)
    return says(`version already released from ${other.commit.slice(0, 12)}, ${untouched}`);
  if (other?.state === 'released') return confirms(version, other);
  const branch = record?.branch ?? asked.branch ?? defaultBranch;
  const ground = (await context.ports.history.branches(project)).get(branch) ?? null;
  const wish: ReleaseWish = {
    branch,
    component: component.name,
    version: asked.written.raw,
    tag,
    commit,
    by,
    ground,
    held: null,
    isVersion: true,
  };
  return { kind: 'asks', wish };
}

async function judge(
  context: AppContext,
  reader: ConfigReader,
  project: Project,
  wanted: WantedTag,
): Promise<JudgedTag> {
  const state = await reader.configAt(project, wanted.commit);
  if (state.kind === 'unreadable') return { kind: 'unread' };
  if (state.kind === 'invalid') return says(`${configFile} is not valid at the commit of the tag ${wanted.tag}`);
  const { config } = state;
  const settings = await versionsAt(context, project, config, wanted.commit);
  if (settings === null) return judgePlain(context, project, config, wanted);
  const meaning = readTag(wanted.tag, settings, (text) => parseVersion(text, settings.scheme));
  if (meaning === null) return { kind: 'ignored' };
  return judgeVersion(context, project, config, settings, meaning, wanted);
}

/** What a git tag comes to, by the file of its commit and by what is released now (versions.md §5). */
export async function judgeTag(
  context: AppContext,
  reader: ConfigReader,
  project: Project,
  wanted: WantedTag,
): Promise<JudgedTag> {
  try {
    return await judge(context, reader, project, wanted);
  } catch (err) {
    context.ports.log.warn({ repository: project.id, tag: wanted.tag, err }, 'a tag could not be judged');
    return { kind: 'unread' };
  }
}
