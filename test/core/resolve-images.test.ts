import { describe, expect, it } from 'vitest';
import { joinPath, type PathKind, pathsToLookUp, resolveImage } from '../../src/core/resolve-images.ts';
import type { Image } from '../../src/model/image.ts';
import { anImage } from '../fakes/model-data.ts';

const file: PathKind = { kind: 'file' };
const folder: PathKind = { kind: 'folder' };

function resolve(over: Partial<Image>, kinds: Readonly<Record<string, PathKind>>) {
  return resolveImage(anImage('api', over), new Map(Object.entries(kinds)));
}

describe('the first container file that exists is taken (images.md §1)', () => {
  it.each`
    what                                    | over                                                            | kinds                                                                      | expected
    ${'Containerfile before Dockerfile'}    | ${{}}                                                           | ${{ Containerfile: file, Dockerfile: file }}                               | ${'Containerfile'}
    ${'then Dockerfile'}                    | ${{}}                                                           | ${{ Dockerfile: file }}                                                    | ${'Dockerfile'}
    ${'in the context'}                     | ${{ context: 'cmd/api' }}                                       | ${{ 'cmd/api': folder, 'cmd/api/Dockerfile': file, Dockerfile: file }}     | ${'cmd/api/Dockerfile'}
    ${'a list, in its order'}               | ${{ containerFilename: ['Dockerfile.okd', 'Dockerfile'] }}      | ${{ Dockerfile: file }}                                                    | ${'Dockerfile'}
    ${'a path elsewhere in the repository'} | ${{ context: 'src', containerFilename: ['build/Dockerfile'] }}  | ${{ src: folder, 'build/Dockerfile': file }}                               | ${'build/Dockerfile'}
    ${'the context before the root'}        | ${{ context: 'src', containerFilename: ['build/Dockerfile'] }}  | ${{ src: folder, 'src/build/Dockerfile': file, 'build/Dockerfile': file }} | ${'src/build/Dockerfile'}
    ${'a path up from the context'}         | ${{ context: 'src/api', containerFilename: ['../Dockerfile'] }} | ${{ 'src/api': folder, 'src/Dockerfile': file }}                           | ${'src/Dockerfile'}
  `('$what', ({ over, kinds, expected }) => {
    const result = resolve(over, kinds);
    expect(result.kind === 'resolved' && result.images.map((image) => image.containerFile)).toEqual([expected]);
    for (const path of Object.keys(kinds).filter((each) => each === expected))
      expect(pathsToLookUp(anImage('api', over))).toContain(path);
  });
});

describe('what cannot be built is refused with its reason', () => {
  it.each`
    what                                      | over                                        | kinds                                                                     | reason
    ${'no container file'}                    | ${{}}                                       | ${{}}                                                                     | ${'image `api` has no container file: none of `Containerfile`, `Dockerfile` exists'}
    ${'no context'}                           | ${{ context: 'cmd' }}                       | ${{ Dockerfile: file }}                                                   | ${'the context `cmd` of image `api` is not in the repository'}
    ${'a context that is a file'}             | ${{ context: 'cmd' }}                       | ${{ cmd: file }}                                                          | ${'the context `cmd` of image `api` is a file, not a folder'}
    ${'a context that is a submodule'}        | ${{ context: 'cmd' }}                       | ${{ cmd: { kind: 'submodule' } }}                                         | ${'the context `cmd` of image `api` is a submodule, not a folder'}
    ${'a context that is a link'}             | ${{ context: 'cmd' }}                       | ${{ cmd: { kind: 'symlink', target: '../..' } }}                          | ${'the context `cmd` of image `api` is a symbolic link to `../..`: name the folder itself'}
    ${'a container file that is a folder'}    | ${{}}                                       | ${{ Dockerfile: folder }}                                                 | ${'`Dockerfile` of image `api` is a folder, not a file'}
    ${'one that is a link inside'}            | ${{}}                                       | ${{ Dockerfile: { kind: 'symlink', target: 'build/Dockerfile' } }}        | ${'`Dockerfile` of image `api` is a symbolic link: write `containerFilename: build/Dockerfile`'}
    ${'one that is a link outside'}           | ${{}}                                       | ${{ Dockerfile: { kind: 'symlink', target: '../../etc/passwd' } }}        | ${'`Dockerfile` of image `api` is a symbolic link that leaves the repository (`../../etc/passwd`)'}
    ${'one that is an absolute link'}         | ${{}}                                       | ${{ Dockerfile: { kind: 'symlink', target: '/etc/passwd' } }}             | ${'`Dockerfile` of image `api` is a symbolic link that leaves the repository (`/etc/passwd`)'}
    ${'one outside the repository'}           | ${{ containerFilename: ['../Dockerfile'] }} | ${{}}                                                                     | ${'the container file `../Dockerfile` of image `api` lies outside the repository'}
    ${'the first that exists, though a link'} | ${{}}                                       | ${{ Containerfile: { kind: 'symlink', target: '/x' }, Dockerfile: file }} | ${'`Containerfile` of image `api` is a symbolic link that leaves the repository (`/x`)'}
  `('$what', ({ over, kinds, reason }) => {
    expect(resolve(over, kinds)).toEqual({ kind: 'refused', because: reason });
  });
});

describe('targets and platforms', () => {
  it('makes one entry for each target on each platform', () => {
    const result = resolve({ targets: ['a', 'b'], platforms: ['linux/amd64', 'linux/arm64'] }, { Dockerfile: file });
    expect(result.kind === 'resolved' && result.images.map(({ target, platform }) => `${target} ${platform}`)).toEqual([
      'a linux/amd64',
      'a linux/arm64',
      'b linux/amd64',
      'b linux/arm64',
    ]);
  });

  it('is one entry for the last stage on the builder’s own platform when nothing is named', () => {
    const result = resolve({}, { Dockerfile: file });
    expect(result).toMatchObject({ kind: 'resolved', images: [{ target: null, platform: null }] });
  });
});

describe('paths never leave the repository', () => {
  it.each`
    folder   | path              | expected
    ${'.'}   | ${'a/b'}          | ${'a/b'}
    ${'a'}   | ${'b'}            | ${'a/b'}
    ${'a/b'} | ${'../c'}         | ${'a/c'}
    ${'a'}   | ${'./././b//c/.'} | ${'a/b/c'}
    ${'a'}   | ${'..'}           | ${'.'}
    ${'a'}   | ${'../..'}        | ${null}
    ${'a'}   | ${'b/../../../x'} | ${null}
    ${'.'}   | ${'../x'}         | ${null}
  `('$path in $folder is $expected', ({ folder: from, path, expected }) => {
    expect(joinPath(from, path)).toBe(expected);
  });
});
