import { doughFiles, ovenFiles } from './oven-files.ts';
import { doughRepository, ovenRepository } from './set-registries.ts';
import { type CheckRun, claim, concluded, type Stage, until } from './stage.ts';
import type { Step, Told } from './story.ts';

type Say = (words: string) => void;

const oven = ovenRepository;
const dough = doughRepository;
const branch = 'release-v1.2';

function filesOf(stage: Stage) {
  const { images, baseImage: base, engine } = stage;
  const wishes = { base, final: images.final.address };
  return { oven: ovenFiles(wishes), dough: doughFiles(wishes, engine.testImage) };
}

async function tipOf({ github }: Stage, repo: string, of: string): Promise<string> {
  const sha = await github.branchSha(repo, of);
  if (sha === null) throw new Error(`${repo} has no ${of}`);
  return sha;
}

function short(digest: string): string {
  return `${digest.slice(0, 19)}…`;
}

/** Holds a tag against what is in the registry, by `skopeo inspect`. */
async function claimThere(stage: Stage, name: string, tag: string, say: Say): Promise<string> {
  const { final } = stage.images;
  const digest = await final.digestOf(`acme/${name}`, tag);
  if (digest === null) throw new Error(`did not hold: acme/${name}:${tag} is there`);
  say(`skopeo inspect ${final.address}/acme/${name}:${tag} → ${short(digest)}`);
  return digest;
}

function sayCheck({ name, title }: CheckRun, say: Say): void {
  say(`${name}: ${title}`);
}

/** How often something was built of a repository since the beginning. */
function buildsOf(stage: Stage, repo: string): number {
  return stage.manifests().filter(({ metadata }) => metadata.annotations['sluice.dev/project'] === repo).length;
}

async function pressedMerge(stage: Stage, say: Say): Promise<Told> {
  const { github } = stage;
  const files = filesOf(stage);
  await github.createUser('robot');
  await github.createRepository(oven, { files: files.oven });
  for (const login of ['ada', 'robot']) await github.setPermission(oven, login, 'write');
  // Its clock runs while the others play.
  await github.createRepository(dough, { files: files.dough });
  await github.setPermission(dough, 'ada', 'write');
  const pull = await github.openPullRequest({ repo: oven, by: 'ada', title: 'Hotter', files: { 'heat.txt': '200\n' } });
  const merged = await github.pressMerge(oven, pull.number, 'boss');
  claim(merged.kind === 'merged', 'boss could press Merge');
  const commit = await tipOf(stage, oven, 'main');
  await concluded(stage, oven, commit, 'publish', 'success');
  sayCheck(await concluded(stage, oven, commit, 'sluice/version', 'success'), say);
  sayCheck(await concluded(stage, oven, commit, 'sluice/promote', 'success'), say);
  const moving = await claimThere(stage, 'oven', 'v1.2.0-dev', say);
  const own = await claimThere(stage, 'oven', `v1.2.0-dev-${commit}`, say);
  claim(moving === own, 'the tag that moves names what was built of this commit');
  return {
    happened: `boss pressed Merge on #${pull.number}: its dev image was built at ${commit.slice(0, 8)} and pushed, with the version that VERSION says`,
    look: `${github.url}/${oven}/commit/${commit}`,
  };
}

async function versionAlone(stage: Stage, say: Say): Promise<Told> {
  const { github } = stage;
  const cut = await tipOf(stage, oven, 'main');
  await github.setBranch({ repo: oven, by: 'boss', branch, sha: cut });
  const builds = buildsOf(stage, oven);
  const commit = await github.push({
    repo: oven,
    by: 'boss',
    branch: 'main',
    files: { VERSION: 'v1.3.0-dev\n' },
    message: 'On to 1.3',
  });
  const said = await concluded(stage, oven, commit, 'sluice/version', 'skipped');
  sayCheck(said, say);
  claim(said.title.includes('only VERSION changed'), 'the check run says why nothing is built');
  claim(buildsOf(stage, oven) === builds, 'nothing was built');
  return { happened: `only VERSION changed on main: nothing was built, and ${said.name} says so`, look: null };
}

async function pushVersion({ github }: Stage, by: string, version: string): Promise<string> {
  return github.push({ repo: oven, by, branch, files: { VERSION: `${version}\n` }, message: version });
}

async function forecast(stage: Stage, say: Say): Promise<Told> {
  const { github } = stage;
  // A draft: nothing is built of it.
  const wish = { repo: oven, by: 'ada', base: branch, title: 'Release v1.2.3', draft: true };
  const pull = await github.openPullRequest({ ...wish, files: { VERSION: 'v1.2.3\n' } });
  const said = await concluded(stage, oven, pull.headSha, 'sluice/version', 'neutral');
  sayCheck(said, say);
  claim(said.title.includes('release v1.2.3, held: ada is not in `initiators`'), 'it says what merging would do');
  await github.closePullRequest(oven, pull.number, 'ada');
  return {
    happened: `#${pull.number} by ada sets VERSION to v1.2.3 on ${branch}: before anybody merges it, ${said.name} says that the release would be held`,
    look: `${github.url}/${oven}/pull/${pull.number}`,
  };
}

async function robotReleases(stage: Stage, say: Say): Promise<Told> {
  const next = await pushVersion(stage, 'robot', 'v1.2.3-dev');
  await concluded(stage, oven, next, 'sluice/version', 'skipped');
  const commit = await pushVersion(stage, 'robot', 'v1.2.3');
  sayCheck(await concluded(stage, oven, commit, 'sluice/release/v1.2.3', 'success'), say);
  await claimThere(stage, 'oven', 'v1.2.3', say);
  return {
    happened: `robot pushed v1.2.3-dev → v1.2.3 on ${branch}: built at ${commit.slice(0, 8)}, released under its final tags`,
    look: `${stage.github.url}/${oven}/commit/${commit}`,
  };
}

async function somebodyElse(stage: Stage, say: Say): Promise<Told> {
  const { github } = stage;
  const check = 'sluice/release/v1.2.4';
  await pushVersion(stage, 'ada', 'v1.2.4-dev');
  const commit = await pushVersion(stage, 'ada', 'v1.2.4');
  const held = await concluded(stage, oven, commit, check, 'action_required');
  sayCheck(held, say);
  claim((await stage.images.final.digestOf('acme/oven', 'v1.2.4')) === null, 'nothing was released yet');
  await github.pressCheckAction(oven, held.id, 'release', 'robot');
  await until(`${check} to be released`, async () =>
    (await github.checkRuns(oven, commit)).some(({ name, conclusion }) => name === check && conclusion === 'success'),
  );
  await claimThere(stage, 'oven', 'v1.2.4', say);
  return {
    happened: 'the same push by ada was held, with a button; robot pressed it, and v1.2.4 is out',
    look: `${github.url}/${oven}/commit/${commit}`,
  };
}

async function tags(stage: Stage, say: Say): Promise<Told> {
  const { github, images } = stage;
  const released = await tipOf(stage, oven, branch);
  const [builds, before] = [buildsOf(stage, oven), await images.final.digestOf('acme/oven', 'v1.2.4')];
  await github.pushTag({ repo: oven, by: 'boss', tag: 'v1.2.4', target: released });
  const tip = await tipOf(stage, dough, 'main');
  await github.pushTag({ repo: dough, by: 'boss', tag: 'sourdough', target: tip });
  const built = await concluded(stage, dough, tip, 'sluice/tag/sourdough', 'success');
  sayCheck(built, say);
  await claimThere(stage, 'dough', 'sourdough', say);
  claim((await images.final.digestOf('acme/oven', 'v1.2.4')) === before, 'v1.2.4 names what it did');
  claim(buildsOf(stage, oven) === builds, 'the tag on what is released built nothing again');
  say('the tag v1.2.4 on the released commit: confirmed, nothing was built again');
  return {
    happened: 'a git tag on what is released confirms it; in a repository without VERSION it was built and published',
    look: `${github.url}/${dough}/commit/${tip}`,
  };
}

async function issueOf({ github }: Stage, state: string) {
  return (await github.issues(dough)).find((issue) => issue.state === state);
}

async function nightly(stage: Stage, say: Say): Promise<Told> {
  const { github } = stage;
  const opened = await until('the nightly to fail and open its issue', async () => issueOf(stage, 'open'));
  say(`#${opened.number} is open: ${opened.title}`);
  const fix = await github.push({
    repo: dough,
    by: 'ada',
    branch: 'main',
    files: { 'flour.txt': '500\n' },
    message: 'Add flour',
  });
  say(`ada pushed ${fix.slice(0, 8)}; the next minute tries again`);
  await concluded(stage, dough, fix, 'taste', 'success');
  const closed = await until('its issue to be closed', async () => issueOf(stage, 'closed'));
  claim(closed.number === opened.number, 'it is the same issue');
  claim(closed.body.includes(fix.slice(0, 7)), 'the issue says with which commit it turned green');
  return {
    happened: `what runs by the clock failed and opened #${opened.number}; a fix was pushed, the next run closed it, with the commits between`,
    look: `${github.url}/${dough}`,
  };
}

/** What a push means without the gate: dev images, versions, releases, git tags, the clock. */
export function versionSteps(): readonly Step[] {
  return [
    { title: 'Somebody presses Merge', play: pressedMerge },
    { title: 'Only VERSION', play: versionAlone },
    { title: 'What merging would do', play: forecast },
    { title: 'A release by the robot', play: robotReleases },
    { title: 'A release by somebody else', play: somebodyElse },
    { title: 'Two git tags', play: tags },
    { title: 'By the clock', play: nightly },
  ];
}
