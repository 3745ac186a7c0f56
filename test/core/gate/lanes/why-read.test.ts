import { describe, expect, it } from 'vitest';
import { judgeImage } from '../../../../src/core/from/judge-image.ts';
import { whyRead } from '../../../../src/core/gate/lanes/why-read.ts';
import type { Image } from '../../../../src/model/image.ts';
import type { Job } from '../../../../src/model/job.ts';
import { aJob, anImage, anImageJob, matchers } from '../../../fakes/model-data.ts';

const go = aJob('go', { selection: { onlyIf: matchers('go/**') } });
const rest = aJob('rest', { selection: { skipIf: matchers('docs/**', '*.md') } });
const wide = aJob('wide');
const noop = aJob('noop', { content: { template: 'noop' } });
const base = anImage('base', { context: 'base' });
const api = anImage('api', { context: 'svc/api', containerFilename: ['build/Api.dockerfile'] });
const web = anImage('web', {
  context: 'web',
  from: [{ match: '*', use: { kind: 'image', image: 'base', reference: 'quay.io/acme/base:latest' } }],
});
const root = anImage('root');
const e2e = aJob('e2e', {
  selection: { onlyIf: matchers('e2e/**') },
  content: { template: 'run', image: '{{ images.api.staged }}', command: 'make', env: {} },
});
const after = aJob('after', { selection: { onlyIf: matchers('after/**') }, needs: [{ job: 'go', soft: false }] });
const images = [base, api, web, root];

const file = { path: 'Dockerfile', goMod: null, builder: 'kaniko' } as const;
const judged = new Map(
  images.flatMap((image) => [...judgeImage(image, { ...file, dockerfile: 'FROM docker.io/library/alpine:3\n' })]),
);

function reads(job: Job, path: string, own: readonly string[] | null = null, more: readonly Job[] = []): string | null {
  return whyRead(job, own, { jobs: [go, rest, wide, noop, e2e, after, ...more], images, judged }, [path]);
}

function building(...built: readonly Image[]): Job {
  return anImageJob('stage', built);
}

/** Beside the others, with this container file; null: it was not read. */
function whyIn(image: Image, dockerfile: string | null, paths: readonly string[]): string | null {
  const known = dockerfile === null ? [] : [...judgeImage(image, { ...file, dockerfile })];
  const graph = { jobs: [], images: [...images, image], judged: new Map([...judged, ...known]) };
  return whyRead(building(image), null, graph, paths);
}

describe('the input closure of a job', () => {
  it.each<[string, Job, string, RegExp | null]>([
    ['what `onlyIf` names', go, 'go/a.go', /`go\/a.go` changed and matches `go\/\*\*`/],
    ['nothing else', go, 'web/a.ts', null],
    ['all that `skipIf` does not name', rest, 'web/a.ts', /does not cover/],
    ['not what `skipIf` names', rest, 'docs/a.txt', null],
    ['everything where it has neither', wide, 'README.md', /may read any file/],
    ['nothing where there is nothing to test', noop, '.sluice.yaml', null],
    ['what it needs reads', after, 'go/a.go', /matches `go/],
    ['of what it needs nothing more', after, 'docs/a', null],
    ['the context of the image that it runs in', e2e, 'svc/api/main.go', /is sent to the builder of `api`/],
  ])('is %s', (_, job, path, because) => {
    if (because === null) expect(reads(job, path)).toBeNull();
    else expect(reads(job, path)).toMatch(because);
  });

  it.each([
    '.sluice.yaml',
    'go/go.sum',
    'go/go.mod',
    'web/package-lock.json',
    'Cargo.lock',
    'deep/.tool-versions',
    '.gitattributes',
  ])('holds %s, whatever it declares', (path) => {
    const declared = aJob('narrow', { selection: { onlyIf: matchers('nowhere/**') } });
    expect(reads(declared, path)).toMatch(/counts as read by every job/);
  });

  it('is followed once where jobs need each other', () => {
    const one = aJob('one', { selection: { onlyIf: matchers('one/**') }, needs: [{ job: 'two', soft: false }] });
    const two = aJob('two', { selection: { onlyIf: matchers('two/**') }, needs: [{ job: 'one', soft: false }] });
    expect(reads(one, 'three', null, [one, two])).toBeNull();
    expect(reads(one, 'two/a', null, [one, two])).not.toBeNull();
  });
});

describe('the input closure of an image', () => {
  it.each<[string, Image, string, boolean]>([
    ['its context', api, 'svc/api/main.go', true],
    ['not a folder of a longer name', api, 'svc/api2/main.go', false],
    ['its container file, wherever that lies', api, 'build/Api.dockerfile', true],
    ['what its builder is not sent, which lies beside that', api, 'build/Api.dockerfile.dockerignore', true],
    ['no such file of another one', api, 'build/Web.dockerfile.dockerignore', false],
    ['nothing beside', api, 'web/a.ts', false],
    ['the context of the image that it is built from', web, 'base/a', true],
    ['everything where the root is sent', root, 'README.md', true],
  ])('is %s', (_, image, path, isRead) => {
    expect(reads(building(image), path) !== null).toBe(isRead);
  });

  it('is of those images alone that are built', () => {
    expect(reads(building(api, web), 'web/a.ts', ['api'])).toBeNull();
    expect(reads(building(api, web), 'web/a.ts')).not.toBeNull();
  });

  it('is more than its context where it says so', () => {
    const told = anImage('told', { context: 'told', onlyIf: matchers('proto/**') });
    expect(reads(building(told), 'proto/a')).toMatch(/proto/);
    // What it does not name is sent all the same.
    expect(reads(building(told), 'told/a')).toMatch(/is sent/);
  });

  it.each([{ buildArgs: { V: '{{ v }}' } }, { labels: { revision: '{{ sha }}' } }, { labels: { c: '{{ tag }}' } }])(
    'is everything with a value that no file names: %o',
    (over) => {
      const versioned = anImage('versioned', { context: 'versioned', ...over });
      const whole = { jobs: [], images: [versioned], judged };
      expect(whyRead(building(versioned), null, whole, ['VERSION'])).toMatch(/which any file may decide/);
    },
  );

  it('may hold the name of its branch', () => {
    const named = anImage('named', { context: 'named', labels: { branch: '{{ branch }}' } });
    expect(whyIn(named, 'FROM scratch\n', ['VERSION'])).toBeNull();
  });

  it.each([
    ['FROM quay.io/acme/base:latest', true],
    ['FROM quay.io/acme/base', true],
    ['FROM alpine\nCOPY --from=quay.io/acme/base:1 /a /a', true],
    ['ARG B=latest\nFROM quay.io/acme/base:$B', true],
    [`FROM quay.io/acme/base@sha256:${'a'.repeat(64)}`, false],
    ['FROM quay.io/acme/basement:latest', false],
    ['FROM alpine', false],
  ])('holds that of an image of the same file that it is built from: %s', (dockerfile, isRead) => {
    const above = anImage('above', { context: 'above' });
    expect(whyIn(above, `${dockerfile}\n`, ['base/a']) !== null).toBe(isRead);
  });

  it('is everything where what it is built from is not known', () => {
    const above = anImage('above', { context: 'above' });
    expect(whyIn(above, 'FROM quay.io/acme/base:$TARGETARCH\n', ['docs/a'])).toMatch(
      /which images `above` is built from is not known/,
    );
    expect(whyIn(above, null, ['docs/a'])).toMatch(/is not known/);
  });
});
