import { describe, expect, it } from 'vitest';
import { complaints } from '../read-fixtures.ts';
import { imported, withImage } from './zuul-fixture.ts';

const repository = 'repository: quay.io/acme/api';

describe('a field of container_images (zuul-jobs, build-container-image)', () => {
  it.each`
    entry                                                                                   | gives
    ${'{ repository: quay.io/acme/api }'}                                                   | ${{ name: 'api', repository: 'quay.io/acme/api', tags: ['latest'] }}
    ${'{ registry: quay.io, repository: acme/api }'}                                        | ${{ repository: 'quay.io/acme/api' }}
    ${`{ ${repository}, context: images/api }`}                                             | ${{ context: 'images/api' }}
    ${`{ ${repository}, context: images/api, path: ../.. }`}                                | ${{ context: undefined, containerFilename: undefined }}
    ${`{ ${repository}, container_filename: api.Dockerfile }`}                              | ${{ containerFilename: 'api.Dockerfile' }}
    ${`{ ${repository}, context: img, path: .., container_filename: Api }`}                 | ${{ context: undefined, containerFilename: 'img/Api' }}
    ${`{ ${repository}, context: img, path: ../src, container_filename: Api }`}             | ${{ context: 'src', containerFilename: '../img/Api' }}
    ${`{ ${repository}, container_command: docker }`}                                       | ${{ containerFilename: 'Dockerfile' }}
    ${`{ ${repository}, target: runtime }`}                                                 | ${{ target: 'runtime' }}
    ${`{ ${repository}, build_args: ["A=1.10", "B=x=y", 'C="d e"'] }`}                      | ${{ buildArgs: { A: '1.10', B: 'x=y', C: 'd e' } }}
    ${`{ ${repository}, labels: [a.b=c] }`}                                                 | ${{ labels: { 'a.b': 'c' } }}
    ${`{ ${repository}, tags: [a, 1.10] }`}                                                 | ${{ tags: ['a', '1.10'] }}
    ${`{ ${repository}, tags: ["{{ zuul.tag }}", "{{ zuul.branch }}-x"] }`}                 | ${{ tags: ['{{ tag }}', '{{ branch }}-x'] }}
    ${`{ ${repository}, tags: ["{{ zuul.tag | default('latest') }}"] }`}                    | ${{ tags: ['latest', '{{ tag }}'] }}
    ${`{ ${repository}, tags: "{{ ('tag' in zuul) | ternary([zuul.tag], ['a', 'b']) }}" }`} | ${{ tags: ['a', 'b', '{{ tag }}'] }}
    ${`{ ${repository}, tags: ["{{ zuul.commit_id }}"] }`}                                  | ${{ tags: ['{{ sha }}'] }}
    ${`{ ${repository}, siblings: [opendev.org/acme/lib, acme/tools] }`}                    | ${{ siblings: ['acme/lib', 'acme/tools'] }}
    ${`{ ${repository}, arch: [linux/amd64, linux/arm/v7] }`}                               | ${{ platforms: ['linux/amd64', 'linux/arm/v7'] }}
  `('$entry', ({ entry, gives }) => {
    const [image] = imported(withImage(entry)).images;
    expect(image).toMatchObject(Object.fromEntries(Object.entries(gives).filter(([, value]) => value !== undefined)));
    for (const [key, value] of Object.entries(gives)) if (value === undefined) expect(image).not.toHaveProperty(key);
  });

  it.each`
    vars                                                         | gives
    ${'container_filename: all.Dockerfile'}                      | ${{ containerFilename: 'all.Dockerfile' }}
    ${'zuul_work_dir: "{{ zuul.project.src_dir }}/deep"'}        | ${{ context: 'deep' }}
    ${'zuul_work_dir: src/github.com/acme/shop/deep'}            | ${{ context: 'deep' }}
    ${'container_build_extra_env: { HTTP_PROXY: "http://p:1" }'} | ${{ extraEnv: { HTTP_PROXY: 'http://p:1' } }}
  `('beside the list: $vars', ({ vars, gives }) => {
    expect(imported(withImage(`{ ${repository} }`, vars), 'acme/shop').images[0]).toMatchObject(gives);
  });

  it('knows the repository that --project names', () => {
    const text = withImage('{ repository: "quay.io/acme/{{ zuul.project.short_name }}" }');
    expect(imported(text, 'acme/shop').images[0]).toMatchObject({ name: 'shop', repository: 'quay.io/acme/shop' });
    expect(imported(text).told).toContainEqual(expect.stringContaining('name the repository with --project'));
  });
});

describe('a field of docker_images (zuul-jobs, build-docker-image)', () => {
  it.each`
    entry                                               | vars                          | gives
    ${'{ repository: acme/api }'}                       | ${''}                         | ${{ repository: 'docker.io/acme/api', containerFilename: 'Dockerfile' }}
    ${'{ repository: acme/api }'}                       | ${'docker_registry: quay.io'} | ${{ repository: 'quay.io/acme/api' }}
    ${'{ repository: acme/api, dockerfile: Api }'}      | ${''}                         | ${{ containerFilename: 'Api' }}
    ${'{ repository: acme/api }'}                       | ${'docker_dockerfile: Other'} | ${{ containerFilename: 'Other' }}
    ${'{ repository: acme/api, context: a, path: .. }'} | ${''}                         | ${{ containerFilename: 'a/Dockerfile' }}
  `('$entry $vars', ({ entry, vars, gives }) => {
    expect(imported(withImage(entry, vars, 'docker_images')).images[0]).toMatchObject(gives);
  });
});

describe('what an image has and ours has not is told with its line', () => {
  it.each`
    entry                                                    | says
    ${`{ ${repository}, squash: true }`}                     | ${'5: squash: no role knows it: not imported'}
    ${`{ ${repository}, context: ../../other }`}             | ${'5: "../../other" is not in this repository: the image is not imported'}
    ${`{ ${repository}, build_args: [HTTP_PROXY] }`}         | ${'5: build_args: "HTTP_PROXY" has no value, and there is no environment to take it from: not imported'}
    ${`{ ${repository}, build_args: ["A={{ secret.x }}"] }`} | ${'5: build_args: "A={{ secret.x }}" is only known to Zuul: not imported'}
    ${`{ ${repository}, build_args: ["__proto__=x"] }`}      | ${'5: "__proto__" cannot be a key here: not imported'}
    ${`{ ${repository}, arch: [linux/vax] }`}                | ${'5: "linux/vax" names an unknown architecture: `platforms` was not imported'}
    ${`{ ${repository}, tags: ["{{ x }}"] }`}                | ${'5: tags: none could be imported; `{{ sha }}` stands there, so that no tag is moved that should not be'}
    ${`{ ${repository}, siblings: [acme/lib] }`}             | ${'5: siblings: they lie in .siblings/OWNER/NAME of the context here'}
    ${'{ context: a }'}                                      | ${'5: an image without `repository`: it is built and can be pushed nowhere'}
    ${`{ ${repository}, container_command: podman }`}        | ${'5: container_command: not imported'}
    ${`{ registry: ghcr.io, ${repository} }`}                | ${'5: registry "ghcr.io" is not that of "quay.io/acme/api": not imported'}
    ${'{ repository: acme/api }'}                            | ${'5: repository: taken as "docker.io/acme/api", as it names no registry'}
    ${`{ ${repository} }, { ${repository}, target: b }`}     | ${'5: this and zuul.yaml:5 are both quay.io/acme/api with the same tag, and differ in `target`: only that one was imported'}
  `('$entry', ({ entry, says }) => {
    const { told } = imported(withImage(entry));
    expect(told.filter((each) => each.startsWith(says))).toHaveLength(1);
  });

  it('never gives the tag `latest` to what had another one', () => {
    expect(imported(withImage(`{ ${repository}, tags: ["{{ x }}"] }`)).images[0]).toMatchObject({
      tags: ['{{ sha }}'],
    });
  });
});

describe('a Zuul name in our own file', () => {
  it('points to this verb', () => {
    const text = 'images: [{ name: api, zuul_work_dir: deep }]';
    expect(complaints(text)).toContain('`sluice import zuul` writes this file');
  });
});

describe('several images', () => {
  it('of one repository are told apart by target, then tag', () => {
    const { images } = imported(
      withImage(
        [
          '{ repository: quay.io/acme/base, tags: ["3.11"] }',
          '{ repository: quay.io/acme/base, tags: ["3.12"] }',
          '{ repository: quay.io/acme/base, target: dev, tags: [dev] }',
        ].join(', '),
      ),
    );
    expect(images.map(({ name }) => name)).toEqual(['base', 'base-3.12', 'base-dev']);
  });
});
