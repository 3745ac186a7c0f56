import { describe, expect, it } from 'vitest';
import { nearestName } from '../../src/config/problems/nearest-name.ts';
import { parseDuration } from '../../src/config/schema/durations.ts';
import { leavesRepository, normalisePath } from '../../src/config/schema/paths.ts';
import { repositoryFault } from '../../src/config/schema/references.ts';
import { placeholdersOf, templateFault } from '../../src/config/schema/templates.ts';
import { shortComplaints } from './read-fixtures.ts';

describe('a duration', () => {
  it.each`
    text       | seconds
    ${'90s'}   | ${90}
    ${'30m'}   | ${1800}
    ${'2h'}    | ${7200}
    ${'1h30m'} | ${5400}
    ${'24h'}   | ${86400}
    ${'1m1s'}  | ${61}
    ${''}      | ${null}
    ${'30'}    | ${null}
    ${'m'}     | ${null}
    ${'30m1h'} | ${null}
    ${'-1m'}   | ${null}
    ${'1.5h'}  | ${null}
    ${'1 h'}   | ${null}
    ${'1d'}    | ${null}
  `('$text is $seconds seconds', ({ text, seconds }) => {
    expect(parseDuration(text)).toBe(seconds);
  });
});

describe('a repository', () => {
  it.each([
    'quay.io/acme/api',
    'localhost/api',
    'localhost:5000/api',
    'registry:5000/a',
    'ghcr.io/a/b/c_d.e-f',
    'docker.io/library/x__y',
  ])('%s is one', (text) => {
    expect(repositoryFault(text)).toBeNull();
  });

  it.each`
    text                           | fault
    ${'api'}                       | ${'has no registry host'}
    ${'acme/api'}                  | ${'has no registry host'}
    ${'quay.io'}                   | ${'is only a registry host'}
    ${'quay.io/'}                  | ${/^is no repository/}
    ${'quay.io/acme/api:1'}        | ${'has a tag'}
    ${'quay.io/acme/api@sha256:0'} | ${'has a digest'}
    ${'docker://quay.io/a/b'}      | ${'is a URL'}
    ${'quay.io/Acme/api'}          | ${/^is no repository/}
    ${'quay.io/acme//api'}         | ${/^is no repository/}
    ${'quay.io/acme/../api'}       | ${/^is no repository/}
    ${'quay.io/acme/api$(x)'}      | ${/^is no repository/}
    ${'-quay.io/a'}                | ${'has no registry host'}
    ${'quay.io /a'}                | ${'has no registry host'}
  `('$text is refused', ({ text, fault }) => {
    expect(repositoryFault(text)?.message).toMatch(fault);
  });
});

describe('a path', () => {
  it.each`
    text             | normal
    ${'.'}           | ${'.'}
    ${'./'}          | ${'.'}
    ${'./cmd//api/'} | ${'cmd/api'}
    ${'a/./b'}       | ${'a/b'}
    ${'../a'}        | ${'../a'}
  `('$text is normalised to $normal', ({ text, normal }) => {
    expect(normalisePath(text)).toBe(normal);
  });

  it.each`
    from     | path            | leaves
    ${'.'}   | ${'a/b'}        | ${false}
    ${'.'}   | ${'..'}         | ${true}
    ${'.'}   | ${'a/../../b'}  | ${true}
    ${'a/b'} | ${'../../c'}    | ${false}
    ${'a/b'} | ${'../../../c'} | ${true}
    ${'a'}   | ${'../../a/c'}  | ${true}
  `('$path from $from leaves the repository: $leaves', ({ from, path, leaves }) => {
    expect(leavesRepository(from, path)).toBe(leaves);
  });
});

describe('a template', () => {
  it('names what stands between double braces', () => {
    expect(placeholdersOf('v{{ major }}.{{minor}}-x')).toEqual(['major', 'minor']);
  });

  it.each`
    text                         | fault
    ${'{{ v }}-{{sha}}'}         | ${undefined}
    ${'plain { text }'}          | ${undefined}
    ${'{{ v'}                    | ${'has a {{ or }} without its other half'}
    ${'v }}'}                    | ${'has a {{ or }} without its other half'}
    ${'{{ {{ v }} }}'}           | ${'has a {{ or }} without its other half'}
    ${'{{ constructor }}'}       | ${'names the unknown value {{ constructor }}'}
    ${'{{ images.api.staged }}'} | ${/known only to `image` of a job/}
  `('$text has the fault $fault', ({ text, fault }) => {
    const found = templateFault(text)?.message;
    if (fault === undefined) expect(found).toBeUndefined();
    else expect(found).toMatch(fault);
  });
});

describe('the nearest name', () => {
  it.each`
    word                    | near
    ${'imgae'}              | ${'image'}
    ${'iamge'}              | ${'image'}
    ${'container_filename'} | ${'containerFilename'}
    ${'CONTAINER-FILENAME'} | ${'containerFilename'}
    ${'skipbranches'}       | ${'skipBranches'}
    ${'resource'}           | ${'resources'}
    ${'containerF'}         | ${'containerFilename'}
    ${'zebra'}              | ${null}
    ${''}                   | ${null}
    ${'x'.repeat(61)}       | ${null}
  `('to $word is $near', ({ word, near }) => {
    expect(nearestName(word, ['image', 'images', 'containerFilename', 'skipBranches', 'resources', 'run'])).toBe(near);
  });
});

describe('resources', () => {
  const said = (resources: string) =>
    shortComplaints(`jobs: { a: { image: x, run: y, resources: { ${resources} } } }`).map((line) =>
      line.replace(/^\S+ /, ''),
    );

  it.each([
    'cpu: 4',
    'cpu: 0.5',
    'cpu: "500m"',
    'memory: 8Gi',
    'memory: 1.5G',
    'memory: 16777216',
    'ephemeralStorage: 16Mi',
  ])('may be %s', (text) => {
    expect(said(text)).toEqual([]);
  });

  it.each`
    text                        | says
    ${'cpu: 0'}                 | ${'the number 0 is too little CPU'}
    ${'cpu: -1'}                | ${'the number -1 is no number of CPUs'}
    ${'cpu: 1000'}              | ${'the number 1000 is too much CPU'}
    ${'cpu: .inf'}              | ${/expected a number of CPUs/}
    ${'cpu: 1e3'}               | ${'the number 1e3 is too much CPU'}
    ${'memory: 8'}              | ${'the number 8 is only 8 bytes'}
    ${'memory: 100m'}           | ${'"100m" is no amount of bytes'}
    ${'memory: 8gb'}            | ${'"8gb" is no amount of bytes'}
    ${'memory: 99Ti'}           | ${'"99Ti" is too much'}
    ${'memory: [8Gi]'}          | ${/expected an amount of bytes .*found a list/}
    ${'ephemeral-storage: 8Gi'} | ${'unknown key "ephemeral-storage"'}
  `('may not be $text', ({ text, says }) => {
    expect(said(text)).toEqual([expect.stringMatching(says)]);
  });
});

describe('a cron line', () => {
  const said = (cron: string) => shortComplaints(`jobs: { a: { image: x, run: y, on: { cron: "${cron}" } } }`);

  it.each(['H 2 * * *', '*/5 * * * *', '0 0 1 1 0', 'H(0-5) 3 * * MON-FRI', '0,30 8-18 * * 1-5', 'H/15 * * * *'])(
    'may be %s',
    (text) => {
      expect(said(text)).toEqual([]);
    },
  );

  it.each(['* * * *', '* * * * * *', 'every night', '@daily', '', '* * * * $(x)'])('may not be "%s"', (text) => {
    expect(said(text)).toHaveLength(1);
  });
});
