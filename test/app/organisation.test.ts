import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { AppContext, AppSettings } from '../../src/app/context.ts';
import { createOrganisations } from '../../src/app/organisation/read-organisations.ts';
import { createConfigReader } from '../../src/app/read-config.ts';
import { type Sha, toSha } from '../../src/model/sha.ts';
import type { Source, TreeEntry } from '../../src/ports/source.ts';
import { defaultConfig, parseConfig } from '../../src/project-config.ts';
import { aProject } from '../fakes/model-data.ts';

const own = aProject({ id: 1, owner: 'acme', name: '.sluice', installation: 1 });
const shop = aProject({ id: 2, owner: 'acme', name: 'shop', installation: 1 });
const other = aProject({ id: 3, owner: 'zoo', name: 'shop', installation: 2 });

const shaOf = (words: string): Sha => toSha(createHash('sha1').update(words).digest('hex'));
const entryOf = (text: string | null): TreeEntry =>
  text === null ? { kind: 'missing' } : { kind: 'file', executable: false, bytes: text.length };
const running = (job: string): string =>
  `templates: { t@v1: { jobs: { ${job}: { image: i, run: r } } } }\nrepos: { match: { name: "*" }, apply: t@v1 }\n`;

/** An organisation whose commits are texts of its file, oldest first, and repositories without files. */
function startOrganisation(...texts: readonly string[]) {
  const world = { texts: [...texts], now: 0, isAway: false, changes: [] as number[], allows: (_name: string) => true };
  const commit = (index: number): Sha => shaOf(`commit ${index}`);
  const textAt = (at: Sha): string => world.texts.find((_, index) => commit(index) === at) ?? '';
  const source: Pick<Source, 'entries' | 'readText' | 'tipOf'> = {
    entries: async (project, at, paths) =>
      new Map(
        paths.map((path) => [path, entryOf(project.id === own.id && path === 'sluice.yaml' ? textAt(at) : null)]),
      ),
    readText: async (_project, at) => textAt(at),
    tipOf: async () => {
      if (world.isAway) throw new Error('the remote does not answer');
      return commit(world.texts.length - 1);
    },
  };
  const landing = {
    firstParents: async (_project: unknown, _at: Sha, most: number) =>
      world.texts
        .map((_, index) => commit(index))
        .slice(0, -1)
        .reverse()
        .slice(0, most),
  };
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const settings: Pick<AppSettings, 'allows' | 'parseConfig' | 'defaultConfig'> = {
    allows: (name) => world.allows(name),
    parseConfig: (text, repository, file, organisation) => parseConfig(text, repository, file, { organisation }),
    defaultConfig: (repository, file, organisation) => defaultConfig(repository, file, { organisation }),
  };
  const ports = { source, landing, log, clock: { now: () => world.now } } as unknown as AppContext['ports'];
  const organisations = createOrganisations(
    ports,
    settings,
    { listed: async () => [own, shop, other] },
    (installation) => {
      world.changes.push(installation);
    },
  );
  const reader = createConfigReader({
    ports,
    settings: { ...settings, pool: { builder: 'kaniko' } },
    organisations,
  } as unknown as AppContext);
  return { world, organisations, reader, commit };
}

async function jobsOf({ reader }: ReturnType<typeof startOrganisation>, project = shop): Promise<readonly string[]> {
  const state = await reader.configAt(project, shaOf('a commit'));
  return state.kind === 'valid' ? state.config.jobs.map(({ name }) => name) : [JSON.stringify(state)];
}

const gateJobs = async ({ reader }: ReturnType<typeof startOrganisation>): Promise<readonly string[]> => {
  const { config } = await reader.gateFacts(shop, { base: shaOf('base'), tree: shaOf('tree') });
  return config.kind === 'usable' ? config.config.jobs.map(({ name }) => name) : [config.because];
};

describe('what an organisation says', () => {
  it('is for the repositories of its own installation alone', async () => {
    const stage = startOrganisation(running('unit'));
    expect(await jobsOf(stage)).toEqual(['unit']);
    expect(await jobsOf(stage, other)).toEqual([]);
  });

  it('is not read from a repository that the operator leaves alone', async () => {
    const stage = startOrganisation(running('unit'));
    stage.world.allows = (name) => name === 'acme/shop';
    expect(await jobsOf(stage)).toEqual([]);
  });

  it('counts from its next commit on, and whom it concerns is told once', async () => {
    const stage = startOrganisation(running('unit'));
    expect(await jobsOf(stage)).toEqual(['unit']);
    stage.world.texts.push(running('lint'));
    expect(await jobsOf(stage)).toEqual(['lint']);
    expect(await jobsOf(stage)).toEqual(['lint']);
    expect(stage.world.changes).toEqual([1]);
  });

  it('is the last valid file while the newest is broken, to whoever begins then too', async () => {
    const stage = startOrganisation(running('unit'), 'templates: [', 'repos: {');
    const state = await stage.organisations.of(shop);
    expect(state).toMatchObject({ kind: 'seen', commit: stage.commit(0), broken: { commit: stage.commit(2) } });
    const read = await stage.reader.configAt(shop, shaOf('a commit'));
    expect(read).toMatchObject({ kind: 'valid', config: { notes: [expect.stringContaining('those of')] } });
  });

  it('is nothing where no file was ever valid, which everybody can read', async () => {
    const stage = startOrganisation('templates: [', 'repos: {');
    const read = await stage.reader.configAt(shop, shaOf('a commit'));
    expect(read).toMatchObject({
      kind: 'valid',
      config: { jobs: [], notes: [expect.stringMatching(/never valid: nothing of them counts$/)] },
    });
  });

  it('is what was read before while git does not answer; before that nothing is decided', async () => {
    const stage = startOrganisation(running('unit'));
    stage.world.isAway = true;
    expect((await stage.reader.configAt(shop, shaOf('a commit'))).kind).toBe('unreadable');
    stage.world.isAway = false;
    expect(await jobsOf(stage)).toEqual(['unit']);
    stage.world.isAway = true;
    expect(await jobsOf(stage)).toEqual(['unit']);
  });
});

describe('what is being tested', () => {
  it('keeps to what the organisation said when it began, until nobody asks for ten minutes', async () => {
    const stage = startOrganisation(running('unit'));
    expect(await gateJobs(stage)).toEqual(['unit']);
    stage.world.texts.push(running('lint'));
    for (let turn = 0; turn < 3; turn += 1) {
      stage.world.now += 9 * 60_000;
      expect(await gateJobs(stage)).toEqual(['unit']);
    }
    stage.world.now += 11 * 60_000;
    expect(await gateJobs(stage)).toEqual(['lint']);
  });

  it('is looked at anew at once where it was refused', async () => {
    const stage = startOrganisation(running('unit').replace('run: r', 'needs: [zz], run: r'));
    expect(await gateJobs(stage)).toEqual(['the configuration of this change is invalid']);
    stage.world.texts.push(running('lint'));
    expect(await gateJobs(stage)).toEqual(['lint']);
  });

  it('keeps to the commit that it names', async () => {
    const stage = startOrganisation(running('unit'));
    const organisation = await stage.reader.organisationOf(shop);
    stage.world.texts.push(running('lint'));
    const planned = { base: shaOf('base'), tree: shaOf('tree'), ...(organisation && { organisation }) };
    stage.world.now += 3_600_000;
    const { config } = await stage.reader.treeFacts(shop, planned);
    expect(config).toMatchObject({ kind: 'usable', config: { jobs: [{ name: 'unit' }] } });
  });
});
