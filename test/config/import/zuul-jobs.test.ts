import { describe, expect, it } from 'vitest';
import { imported, withJob } from './zuul-fixture.ts';

/** A project whose one image is built, uploaded and promoted as `pipelines` says. */
function project(pipelines: string, vars = '', upload = ''): string {
  return `- job: &image
    name: acme-build-image
    parent: opendev-build-docker-image
    vars: &vars
      container_images: &list [{ repository: quay.io/acme/api }]
      ${vars}
- job: { name: acme-upload-image, parent: opendev-upload-docker-image, vars: *vars }
- job:
    name: acme-release-image
    parent: upload-container-image
    vars: { container_images: *list, upload_container_image_promote: false ${upload} }
- job: { name: acme-promote-image, parent: promote-container-image, vars: *vars }
- project: { ${pipelines} }
`;
}

const tagWay =
  'check: { jobs: [acme-build-image] }, gate: { jobs: [acme-upload-image] }, promote: { jobs: [acme-promote-image] }';

describe('jobs of pipelines (images.md §2)', () => {
  it('by way of change tags', () => {
    const { jobs, promotion, images } = imported(project(tagWay));
    expect(images).toHaveLength(1);
    expect(jobs).toEqual({
      'acme-build-image': { template: 'build-image', on: ['presubmit'] },
      'acme-upload-image': { template: 'upload-image', on: ['gate'] },
      'acme-promote-image': { template: 'promote-image', on: ['promote'] },
      publish: null,
    });
    expect(promotion).toEqual({ mode: 'tag' });
  });

  it('by way of an intermediate registry, where the build of the gate is what uploads', () => {
    const pipelines = tagWay.replace('acme-upload-image', 'acme-build-image');
    const { jobs, promotion, told } = imported(
      project(pipelines, 'promote_container_image_method: intermediate-registry'),
    );
    expect(jobs).toMatchObject({
      'acme-build-image': { template: 'build-image', on: ['presubmit'] },
      'acme-build-image-gate': { template: 'upload-image', on: ['gate'] },
      'acme-promote-image': { template: 'promote-image', on: ['promote'] },
    });
    expect(promotion).toEqual({ mode: 'intermediate' });
    expect(told).toContainEqual(expect.stringMatching(/^6: intermediate-registry: .* SLUICE_STAGING/));
  });

  it('built again after the change has landed', () => {
    const pipelines =
      'check: { jobs: [acme-build-image] }, gate: { jobs: [acme-build-image] }, promote: { jobs: [acme-release-image] }';
    const { jobs, promotion } = imported(project(pipelines));
    expect(jobs).toEqual({
      'acme-build-image': { template: 'build-image', on: ['presubmit', 'gate'] },
      'acme-release-image': { template: 'upload-image', on: ['postsubmit'], publish: 'direct' },
    });
    expect(promotion).toEqual({ mode: 'rebuild' });
  });

  it.each`
    pipeline                                             | gives
    ${'tag: { jobs: [acme-release-image] }'}             | ${{ template: 'upload-image', publish: 'direct', on: ['tag'] }}
    ${'release: { jobs: [acme-release-image] }'}         | ${{ template: 'upload-image', publish: 'direct', on: ['tag', 'release'] }}
    ${'pre-release: { jobs: [acme-release-image] }'}     | ${{ template: 'upload-image', publish: 'direct', on: ['tag', 'release'] }}
    ${'post: { jobs: [acme-release-image] }'}            | ${{ template: 'upload-image', publish: 'direct', on: ['postsubmit'] }}
    ${'periodic: { jobs: [acme-release-image] }'}        | ${{ template: 'upload-image', publish: 'direct', on: [{ cron: 'H 2 * * *' }] }}
    ${'periodic-weekly: { jobs: [acme-release-image] }'} | ${{ template: 'upload-image', publish: 'direct', on: [{ cron: 'H 2 * * 6' }] }}
    ${'experimental: { jobs: [acme-release-image] }'}    | ${{ template: 'build-image', trigger: 'manual', on: ['presubmit'] }}
  `('$pipeline', ({ pipeline, gives }) => {
    const { jobs } = imported(project(`${tagWay}, ${pipeline}`));
    expect(jobs['acme-release-image']).toEqual(gives);
  });

  it.each`
    pipeline                                    | says
    ${'promote: { jobs: [acme-build-image] }'}  | ${'the job "acme-build-image" in promote: nothing is built once a change has landed: not imported'}
    ${'gate: { jobs: [acme-promote-image] }'}   | ${'the job "acme-promote-image" in gate: images are promoted once their change has landed'}
    ${'release: { jobs: [acme-upload-image] }'} | ${'the job "acme-upload-image" in release: it would upload what nothing promotes'}
    ${'check: { jobs: [acme-upload-image] }'}   | ${'the job "acme-upload-image" in check: a change that was not approved pushes nothing here'}
    ${'gate: { jobs: [acme-release-image] }'}   | ${'the job "acme-release-image" in gate: final tags are set once the change has landed'}
    ${'vouched: { jobs: [acme-build-image] }'}  | ${"the pipeline vouched is defined on Zuul's server"}
    ${'post: { jobs: [acme-release-image] }'}   | ${'post: Zuul runs it after every push'}
    ${'periodic: { jobs: [acme-build-image] }'} | ${'periodic: its time is set on Zuul\'s server; "H 2 * * *" was taken'}
    ${'check: { jobs: [], fail-fast: true }'}   | ${'fail-fast of the pipeline check: not imported'}
    ${'tested: 1'}                              | ${'tested: neither a pipeline nor anything that is known here: not imported'}
    ${'templates: [docs-on-readthedocs]'}       | ${'the project-template "docs-on-readthedocs" is not in what was read: its jobs are not imported'}
    ${'merge-mode: cherry-pick'}                | ${'merge-mode: there is no "cherry-pick"'}
    ${'default-branch: trunk'}                  | ${'default-branch: it is the default branch on GitHub: not imported'}
  `('$pipeline is told', ({ pipeline, says }) => {
    expect(imported(project(pipeline)).told).toContainEqual(expect.stringContaining(says));
  });

  it('what a git tag is published as stands beside what promotion sets', () => {
    const { images } = imported(
      project(`${tagWay}, tag: { jobs: [acme-tag-image] }`).concat(`- job:
    name: acme-tag-image
    parent: upload-container-image
    vars: { upload_container_image_promote: false, container_images: [{ repository: quay.io/acme/api, tags: ["{{ zuul.tag }}", stable] }] }
`),
    );
    expect(images[0]).toMatchObject({ tags: ['latest', '{{ tag }}'] });
  });

  it('takes queue, merge mode and fail-fast over', () => {
    const { gate } = imported(
      project('queue: integrated, merge-mode: squash-merge, gate: { fail-fast: true, jobs: [acme-upload-image] }'),
    );
    expect(gate).toEqual({ queue: 'integrated', method: 'squash', failFast: true });
  });
});

describe('an attribute of a job', () => {
  it.each`
    attribute                                     | gives
    ${'voting: false'}                            | ${{ optional: true }}
    ${'voting: no'}                               | ${{ optional: true }}
    ${'voting: true'}                             | ${{ optional: undefined }}
    ${'timeout: 5400'}                            | ${{ timeout: '90m' }}
    ${'timeout: 7200'}                            | ${{ timeout: '2h' }}
    ${'timeout: 95'}                              | ${{ timeout: '95s' }}
    ${'branches: [master, ^stable/2.*$]'}         | ${{ branches: ['master', { regex: 'stable/2.*' }] }}
    ${'branches: ^(?!stable/).*$'}                | ${{ skipBranches: ['stable/**'] }}
    ${'branches: { regex: ^old$, negate: true }'} | ${{ skipBranches: ['old'] }}
    ${'files: [docker/.*, ^setup\\.cfg$, src/]'}  | ${{ onlyIf: { paths: ['docker/**', 'setup.cfg', 'src/**'] } }}
    ${'files: [^a\\.(x|y)$]'}                     | ${{ onlyIf: { paths: [{ regex: 'a\\.(x|y)' }] } }}
    ${'files: [^a|b$]'}                           | ${{ onlyIf: { paths: [{ regex: '(?:^a|b$).*' }] } }}
    ${'files: [Docker]'}                          | ${{ onlyIf: { paths: [{ regex: '(?:Docker).*' }] } }}
    ${'irrelevant-files: [^doc/.*, ^.*\\.rst$]'}  | ${{ skipIf: { only: ['doc/**', { regex: '.*\\.rst' }] } }}
    ${'irrelevant-files: [^(?!src/).*$]'}         | ${{ onlyIf: { paths: ['src/**'] } }}
    ${'files: [^(?!doc/).*$]'}                    | ${{ skipIf: { only: ['doc/**'] } }}
  `('$attribute', ({ attribute, gives }) => {
    const job = imported(withJob(attribute)).jobs['acme-build-image'];
    for (const [key, value] of Object.entries(gives)) expect(job?.[key]).toEqual(value);
  });

  it.each`
    attribute                                      | says
    ${'timeout: 5'}                                | ${'5: timeout: 5 s is not between 10 s and 24 h: 10 s was taken'}
    ${'timeout: soon'}                             | ${'5: timeout: "soon" is no number of seconds: not imported'}
    ${'voting: perhaps'}                           | ${'5: voting: neither true nor false: the job counts'}
    ${'branches: [master]'}                        | ${'5: branches: "master" is taken as the whole name; Zuul also matches what begins with it'}
    ${'files: ["a(?=b)"]'}                         | ${'5: files: "a(?=b)" is no RE2 expression'}
    ${'files: [a/.*, ^(?!b).*$]'}                  | ${'5: files: an expression that leaves out stands beside others: the whole list is not imported'}
    ${'{ files: [a], irrelevant-files: [b] }'}     | ${'irrelevant-files: a job has either `onlyIf` or `skipIf`'}
    ${'nodeset: ubuntu-noble'}                     | ${'5: nodeset: ignored: builds run as pods; where it matters, name a `pool` of the server'}
    ${'run: playbooks/x.yaml'}                     | ${'5: run: playbooks are not run'}
    ${'semaphores: [a]'}                           | ${'5: semaphores: how much runs at once is the limit of a `pool` of the server'}
    ${'surprising: 1'}                             | ${'5: surprising: not known here: not imported'}
    ${'required-projects: [opendev.org/acme/lib]'} | ${'5: required-projects: "opendev.org/acme/lib" is no sibling of an image: not imported'}
    ${'dependencies: [other]'}                     | ${'5: dependencies: "other" is not imported, or runs at other times: not waited for'}
    ${'secrets: [quay]'}                           | ${'5: secret "quay": not imported, and never read; give the server the credential of quay.io in SLUICE_REGISTRIES'}
  `('$attribute is told', ({ attribute, says }) => {
    const text = attribute.startsWith('{') ? attribute.slice(2, -2).replace('], ', ']\n') : attribute;
    expect(imported(withJob(text)).told).toContainEqual(expect.stringContaining(says));
  });

  it('is inherited within what is read, variables one by one', () => {
    const { jobs, images } = imported(`- job:
    name: base
    parent: build-container-image
    abstract: true
    timeout: 600
    voting: false
    vars: { container_images: [{ repository: quay.io/acme/api }], container_filename: Base }
- job: { name: child, parent: base, voting: true, vars: { container_filename: Child } }
- project:
    check: { jobs: [child: { timeout: 120 }] }
`);
    expect(jobs.child).toEqual({ template: 'build-image', on: ['presubmit'], timeout: '2m' });
    expect(images[0]).toMatchObject({ containerFilename: 'Child' });
  });

  it('dependencies become needs, soft ones and those that are not always there soft', () => {
    const { jobs } =
      imported(`- job: &one { name: one-image, parent: build-container-image, vars: { container_images: [{ repository: quay.io/acme/api }] } }
- job: { <<: *one, name: two-image, dependencies: [one-image] }
- job: { <<: *one, name: three-image, dependencies: [{ name: two-image, soft: true }] }
- job: { <<: *one, name: four-image, dependencies: [one-image, four-image] }
- project:
    check: { jobs: [one-image, two-image, three-image, four-image] }
    gate: { jobs: [four-image] }
`);
    expect(jobs['two-image']).toMatchObject({ needs: ['one-image'] });
    expect(jobs['three-image']).toMatchObject({ needs: [{ job: 'two-image', soft: true }] });
    expect(jobs['four-image']).toMatchObject({ needs: [{ job: 'one-image', soft: true }] });
  });
});

describe('what is not a job for images', () => {
  const text = `- job: { name: unit, parent: tox, irrelevant-files: [^doc/.*] }
- job: { name: mystery, parent: somebodys-job, vars: { container_images: [{ repository: quay.io/acme/x }] } }
- project:
    check: { jobs: [noop, unit, mystery, opendev-buildset-registry] }
    gate: { jobs: [unit] }
`;

  it('is listed in comments with what to write', () => {
    const found = imported(text);
    expect(found.text).toContain('# not imported: unit (check, gate; zuul.yaml:1), because it runs playbooks');
    expect(found.text).toContain('#   unit: { on: [presubmit, gate], image: IMAGE, run: COMMAND }');
    expect(found.text).toContain(
      '# not imported: mystery (check; zuul.yaml:2), because its parent somebodys-job is not known',
    );
    expect(found.text).toContain('# not imported: opendev-buildset-registry');
    expect(found.jobs).toEqual({ noop: { template: 'noop', on: ['presubmit'] } });
    expect(found.told).toHaveLength(3);
  });
});

describe('stanzas of several projects', () => {
  const text = `- job: { name: a-build-image, parent: build-container-image, vars: { container_images: [{ repository: quay.io/acme/a }] } }
- project: { name: opendev.org/acme/shop, check: { jobs: [a-build-image] } }
- project: { name: ^acme/.*, gate: { jobs: [a-build-image] } }
- project: { name: other/thing, post: { jobs: [a-build-image] } }
`;

  it('are those of --project, by name, host and name, or expression', () => {
    expect(imported(text, 'acme/shop').jobs['a-build-image']).toMatchObject({ on: ['presubmit', 'gate'] });
    expect(imported(text, 'acme/shop').told).toContainEqual('4: project "other/thing" is not acme/shop: not imported');
  });

  it('are none without it', () => {
    const { jobs, told } = imported(text);
    expect(jobs).toEqual({});
    expect(told.filter((each) => each.includes('say with --project which is meant'))).toHaveLength(3);
  });
});
