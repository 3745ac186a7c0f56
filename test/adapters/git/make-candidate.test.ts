import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { type Sha, toSha } from '../../../src/model/sha.ts';
import { landingRig, made, nowhere, request } from './landing-rig.ts';
import type { Repository } from './repository.ts';

const ourselves = 'sluice[bot] <sluice[bot]@users.noreply.github.com>';

/** Git's own reading of a commit. */
function show(clone: string, commit: Sha, format: string): string {
  const env = { PATH: process.env.PATH ?? '', GIT_DIR: clone };
  return spawnSync('git', ['show', '--no-patch', `--format=${format}`, commit], { env })
    .stdout.toString()
    .trimEnd();
}

interface Written {
  readonly on: readonly Sha[];
  readonly like: Sha;
  readonly author?: string;
  readonly message?: Buffer | string;
  readonly encoding?: string;
  readonly time?: number;
}

/** A commit with the tree of another one, and any author, message and parents. */
function write(upstream: Repository, written: Written): Sha {
  const {
    on,
    like,
    author = 'Bob <bob@example.org> 1600000000 +0200',
    message = 'm\n',
    time = 1_700_000_100,
  } = written;
  const head = [
    `tree ${upstream.git('rev-parse', `${like}^{tree}`)}`,
    ...on.map((parent) => `parent ${parent}`),
    `author ${author}`,
    `committer Carol <carol@example.org> ${time} +0000`,
    ...(written.encoding === undefined ? [] : [`encoding ${written.encoding}`]),
  ];
  const content = Buffer.concat([Buffer.from(`${head.join('\n')}\n\n`), Buffer.from(message as string)]);
  return toSha(upstream.write('commit', content));
}

describe('a candidate', () => {
  it.each(['merge', 'squash', 'rebase'] as const)('has the same id wherever it is made (%s)', async (method) => {
    const rig = await landingRig();
    const { upstream, start, project } = rig;
    const parent = upstream.commit({ on: start, files: { 'b.txt': 'other\n' } });
    upstream.setRef('refs/heads/main', parent);
    const head = rig.open(1, upstream.commit({ on: start, files: { 'a.txt': 'two\n', 'new.txt': 'n\n' } }));
    const [one, other] = [rig.worker(), rig.worker()];

    const outcome = await one.landing.make(project, request(method, parent, head));

    const expected = upstream.commit({ on: parent, files: { 'a.txt': 'two\n', 'new.txt': 'n\n' } });
    const tree = upstream.git('rev-parse', `${expected}^{tree}`);
    const changed = { known: true, paths: ['a.txt', 'new.txt'] };
    expect(outcome).toEqual({ kind: 'made', commit: expect.any(String), tree, changed });
    process.env.GIT_COMMITTER_NAME = 'Machine';
    process.env.GIT_AUTHOR_DATE = '2001-01-01T00:00:00Z';
    try {
      expect(await other.landing.make(project, request(method, parent, head))).toEqual(outcome);
    } finally {
      delete process.env.GIT_COMMITTER_NAME;
      delete process.env.GIT_AUTHOR_DATE;
    }
    expect(await one.landing.make(project, request(method, parent, head))).toEqual(outcome);
  });

  it('made by merging has both parents, our name, the later date and the whole message as it is', async () => {
    const rig = await landingRig();
    const { upstream, start, project } = rig;
    const like = upstream.commit({ on: start, files: { 'b.txt': 'other\n' } });
    const parent = write(upstream, { on: [start], like, time: 1_700_000_900 });
    upstream.setRef('refs/heads/main', parent);
    const head = rig.open(1, upstream.commit({ on: start, files: { 'a.txt': 'two\n' } }));
    const { landing, clone } = rig.worker();
    const message = '--amend -F /etc/passwd\n\n$(id) `id` "quotes" %H\n\nChange: #2';
    const wish = request('merge', parent, head, { message: `${message}\0\n\n` });
    const commit = await made(landing, project, wish);
    expect(show(clone, commit, '%P|%an <%ae>|%cn <%ce>|%at|%ct')).toBe(
      `${parent} ${head}|${ourselves}|${ourselves}|1700000900|1700000900`,
    );
    expect(show(clone, commit, '%B')).toBe(message);
  });

  it('made by squashing has one parent and the author of the head, or ourselves where no forge would take him', async () => {
    const rig = await landingRig();
    const { upstream, start, project } = rig;
    const like = upstream.commit({ on: start, files: { 'a.txt': 'two\n' } });
    const { landing, clone } = rig.worker();
    const good = await made(
      landing,
      project,
      request('squash', start, rig.open(1, write(upstream, { on: [start], like }))),
    );
    expect(show(clone, good, '%P|%an <%ae> %ad|%cn')).toBe(
      `${start}|Bob <bob@example.org> ${show(clone, good, '%ad')}|sluice[bot]`,
    );
    expect(show(clone, good, '%at')).toBe('1600000000');
    const odd = rig.open(1, write(upstream, { on: [start], like, author: 'Eve <<eve>> 99999999999999999999 +0000' }));
    const commit = await made(landing, project, request('squash', start, odd));
    expect(show(clone, commit, '%an <%ae>')).toBe(ourselves);
    const faults = spawnSync('git', ['--git-dir', clone, 'fsck', '--strict']).stderr.toString();
    expect(faults).toContain(odd);
    expect(faults).not.toContain(commit);
  });

  it('can stand on a candidate that another worker made and showed', async () => {
    const rig = await landingRig();
    const { upstream, start, project } = rig;
    const [one, other] = [rig.worker(), rig.worker()];
    const ash = rig.open(1, upstream.commit({ on: start, files: { 'a.txt': 'ash\n' } }));
    const birch = rig.open(2, upstream.commit({ on: start, files: { 'b.txt': 'birch\n' } }));
    const ahead = await made(one.landing, project, request('merge', start, ash));
    expect(await other.landing.make(project, request('merge', ahead, birch, { number: 2 }))).toEqual({
      kind: 'missing',
      because: `${ahead}, which it is to stand on, is not to be had`,
    });
    await one.landing.publish(project, [ahead]);
    rig.server.protocol = 'v0';
    expect(await other.landing.make(project, request('merge', ahead, birch, { number: 2 }))).toMatchObject({
      kind: 'made',
      changed: { known: true, paths: ['b.txt'] },
    });
  });
});

describe('no candidate', () => {
  it.each(['merge', 'squash', 'rebase'] as const)(
    'is made of a conflict, whose files are named (%s)',
    async (method) => {
      const rig = await landingRig();
      const { upstream, start, project } = rig;
      const parent = upstream.commit({ on: start, files: { 'a.txt': 'x\n', 'dir/deep/c.txt': 'x\n', 'b.txt': 'x\n' } });
      upstream.setRef('refs/heads/main', parent);
      const head = rig.open(1, upstream.commit({ on: start, files: { 'a.txt': 'y\n', 'dir/deep/c.txt': 'y\n' } }));
      const outcome = await rig.worker().landing.make(project, request(method, parent, head));
      expect(outcome).toEqual({ kind: 'conflict', paths: ['a.txt', 'dir/deep/c.txt'] });
    },
  );

  it.each(['merge', 'squash', 'rebase'] as const)('is made of what is there already (%s)', async (method) => {
    const rig = await landingRig();
    const { upstream, start, project } = rig;
    const same = { 'a.txt': 'two\n' };
    const parent = upstream.commit({ on: upstream.commit({ on: start, files: same }), files: { q: 'q' } });
    upstream.setRef('refs/heads/main', parent);
    const { landing } = rig.worker();
    const twin = rig.open(1, upstream.commit({ on: start, files: same }));
    expect(await landing.make(project, request(method, parent, twin))).toEqual({ kind: 'contained' });
    expect(await landing.make(project, request(method, parent, start))).toEqual({ kind: 'contained' });
    const back = rig.open(2, upstream.commit({ on: twin, files: { 'a.txt': 'one\n' } }));
    const undone = await landing.make(project, request(method, start, back, { number: 2 }));
    expect(undone).toEqual({ kind: 'contained' });
  });

  it('is made of a head that is not to be had, or of histories without a common commit', async () => {
    const rig = await landingRig();
    const { upstream, start, project } = rig;
    const { landing } = rig.worker();
    rig.open(1, upstream.commit({ on: start, files: { 'a.txt': 'another\n' } }));
    const missing = await landing.make(project, request('merge', start, nowhere));
    expect(missing).toEqual({ kind: 'missing', because: `its head ${nowhere} is not to be had` });
    const alien = rig.open(2, upstream.commit({ files: { x: 'x' } }));
    const outcome = await landing.make(project, request('merge', start, alien, { number: 2 }));
    expect(outcome).toEqual({ kind: 'conflict', paths: [] });
  });

  it('but one is made of a deleted fork’s head, by the ref of the pull request', async () => {
    const rig = await landingRig();
    const { upstream, start, project } = rig;
    rig.server.protocol = 'v0';
    const head = rig.open(9, upstream.commit({ on: start, files: { 'a.txt': 'fork\n' } }));
    const outcome = await rig.worker().landing.make(project, request('merge', start, head, { number: 9 }));
    expect(outcome.kind).toBe('made');
  });
});

describe('a rebase', () => {
  it('keeps author and message of each commit and adds our trailers to the last', async () => {
    const rig = await landingRig();
    const { upstream, start, project } = rig;
    const parent = upstream.commit({ on: start, files: { 'b.txt': 'other\n' } });
    upstream.setRef('refs/heads/main', parent);
    const trees = [{ 'a.txt': 'two\n' }, { 'a.txt': 'three\n' }].map((files) => upstream.commit({ on: start, files }));
    const [two = start, three = start] = trees;
    const latin = Buffer.from('Gr\xfc\xdfe\n', 'latin1');
    const first = write(upstream, { on: [start], like: two, message: latin, encoding: 'ISO-8859-1' });
    const forged = 'third\n\nChange: #666\n\nSigned-off-by: Bob <bob@example.org>\nchange: #667\n';
    const head = rig.open(1, write(upstream, { on: [first], like: three, message: forged, time: 1_700_000_050 }));
    const { landing, clone } = rig.worker();
    const trailers = ['Reviewed-by: ash', 'Change: #1'];
    const commit = await made(landing, project, request('rebase', parent, head, { trailers }));
    const [below, root] = [
      toSha(show(clone, commit, '%P')),
      toSha(show(clone, toSha(show(clone, commit, '%P')), '%P')),
    ];
    expect(root).toBe(parent);
    expect(show(clone, below, '%B')).toBe('Grüße');
    expect(show(clone, below, '%an|%cn|%at|%ct')).toBe('Bob|sluice[bot]|1600000000|1700000100');
    expect(show(clone, commit, '%an|%cn|%ct')).toBe('Bob|sluice[bot]|1700000100');
    expect(show(clone, commit, '%B')).toBe(
      'third\n\n  Change: #666\n\nSigned-off-by: Bob <bob@example.org>\n  change: #667\nReviewed-by: ash\nChange: #1',
    );
  });

  it('leaves out commits that become empty, and still marks the last that stays', async () => {
    const rig = await landingRig();
    const { upstream, start, project } = rig;
    const parent = upstream.commit({ on: start, files: { 'b.txt': 'same\n' } });
    upstream.setRef('refs/heads/main', parent);
    const one = upstream.commit({ on: start, files: { 'a.txt': 'two\n' } });
    const head = rig.open(1, upstream.commit({ on: one, files: { 'b.txt': 'same\n' } }));
    const { landing, clone } = rig.worker();
    const commit = await made(landing, project, request('rebase', parent, head));
    expect(show(clone, commit, '%P')).toBe(parent);
    expect(show(clone, commit, '%B')).toMatch(/\n\nChange: #1$/);
  });

  it('is not made of a head with a merge commit, which is named', async () => {
    const rig = await landingRig();
    const { upstream, start, project } = rig;
    const side = upstream.commit({ on: start, files: { 'b.txt': 'side\n' } });
    const like = upstream.commit({ on: side, files: { 'a.txt': 'two\n' } });
    const merge = write(upstream, { on: [start, side], like });
    const head = rig.open(1, upstream.commit({ on: merge, files: { z: 'z' } }));
    const outcome = await rig.worker().landing.make(project, request('rebase', start, head));
    expect(outcome).toEqual({
      kind: 'impossible',
      because: expect.stringContaining(
        `${merge} is a merge commit, which cannot be rebased. Rebase the branch by hand`,
      ),
    });
  });
});
