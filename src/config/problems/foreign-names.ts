/**
 * Words of other systems and what they are called here, by section: Zuul's, Prow's, Tekton's, GitHub Actions', GitLab's.
 * A value that is one of our keys is shown as "did you mean"; a sentence is shown as it is.
 */
const sections: Readonly<Record<'project' | 'image' | 'job', Readonly<Record<string, string>>>> = {
  project: {
    version_file: 'version',
    container_images: 'images',
    docker_images: 'images',
    containers: 'images',
    presubmits: 'jobs',
    postsubmits: 'jobs',
    periodics: 'jobs',
    tasks: 'jobs',
    steps: 'jobs',
    workflows: 'jobs',
    stages: 'jobs',
    kind: 'apiVersion',
    trusted_apps: 'trustedApps',
    templates: 'extends',
    include: 'extends',
    merge: 'gate',
    tide: 'gate',
    branches: '`branches` is a key of a job',
    on: '`on` is a key of a job',
    env: '`env` is a key of a job',
    needs: '`needs` is a key of a job',
  },
  image: {
    path: 'context',
    context_dir: 'context',
    container_filename: 'containerFilename',
    containerfile: 'containerFilename',
    dockerfile: 'containerFilename',
    dockerfile_path: 'containerFilename',
    file: 'containerFilename',
    registry: 'repository',
    image: 'repository',
    repo: 'repository',
    to: 'name',
    args: 'buildArgs',
    build_args: 'buildArgs',
    arg: 'buildArgs',
    stage: 'target',
    arch: 'platforms',
    archs: 'platforms',
    architectures: 'platforms',
    platform: 'platforms',
    tag: 'tags',
    env: 'extraEnv',
    container_build_extra_env: 'extraEnv',
    zuul_work_dir: 'write it into `context`; `sluice import zuul` writes this file from a whole Zuul configuration',
    inputs: 'from',
    base: 'from',
    run_if_changed: 'write `onlyIf: { paths: […] }`',
    paths: 'write `onlyIf: { paths: […] }`',
  },
  job: {
    run_if_changed: 'write `onlyIf: { paths: […] }`',
    skip_if_only_changed: 'write `skipIf: { only: […] }`',
    paths: 'write `onlyIf: { paths: […] }`',
    files: 'write `onlyIf: { paths: […] }`',
    'irrelevant-files': 'write `skipIf: { only: […] }`',
    always_run:
      'an automatic job without a matcher always runs; write `trigger: manual` for one that runs only on `/test`',
    required: 'a job is required unless `optional: true`',
    voting: 'write `optional: true` for a job that does not count',
    allow_failure: 'optional',
    'continue-on-error': 'optional',
    context: "the check run has the job's name",
    name: "the job's name is its key under `jobs`",
    skip_branches: 'skipBranches',
    command: 'run',
    commands: 'run',
    script: 'run',
    args: 'run',
    steps: 'run',
    container: 'image',
    docker_image: 'image',
    uses: 'template',
    parent: 'template',
    type: 'template',
    pipeline: 'on',
    pipelines: 'on',
    events: 'on',
    cron: 'write `on: { cron: "H 2 * * *" }`',
    schedule: 'write `on: { cron: "H 2 * * *" }`',
    interval: 'write `on: { cron: "H 2 * * *" }`',
    dependencies: 'needs',
    depends_on: 'needs',
    'runs-on': 'pool',
    cluster: 'pool',
    nodeset: 'pool',
    agent: 'pool',
    'timeout-minutes': 'timeout',
    vars: 'env',
    environment: 'env',
    variables: 'env',
    if: 'write `onlyIf: { paths: […] }` or `branches`',
    cpu: 'write `resources: { cpu: … }`',
    memory: 'write `resources: { memory: … }`',
    spec: 'write `image` and `run`; the pod is made by the server',
    strategy: 'matrix',
    parallel: 'matrix',
  },
};

const privilegedWords = [
  'affinity|annotations|automountserviceaccounttoken|capabilities|credentials?|dnspolicy|egress|envfrom|hostaliases',
  'hostipc|hostnetwork|hostpath|hostpid|hostusers|imagepullsecrets?|initcontainers|namespace|network|networkpolicy',
  'nodename|nodeselector|permissions|podsecuritycontext|podspec|podspecpatch|privileged|procmount|runasuser|runtimeclass(name)?',
  'schedulername|seccompprofile|secrets?|secretref|secretkeyref|securitycontext|serviceaccount(name)?|sidecars|tokens?',
  'tolerations|trustclass|valuefrom|volumemounts|volumes',
].join('|');
const privileged = new RegExp(`^(?:${privilegedWords})$`);

/** What to say of a key that some other system knows; null for a word that none does. */
export type ForeignName =
  | { readonly kind: 'ours'; readonly name: string }
  | { readonly kind: 'sentence'; readonly text: string }
  | null;

/** Looks a key up among the words of other systems, for the section that the path leads into. */
export function foreignName(key: string, path: readonly (string | number)[]): ForeignName {
  if (privileged.test(key.toLowerCase().replace(/[_-]/g, ''))) {
    return {
      kind: 'sentence',
      text: 'whoever runs the server decides this, for every repository; a configuration file cannot ask for it',
    };
  }
  const section = sectionOf(path);
  const words = section === null ? {} : sections[section];
  const word = Object.hasOwn(words, key) ? words[key] : undefined;
  if (word === undefined) return null;
  return /^\w+$/.test(word) ? { kind: 'ours', name: word } : { kind: 'sentence', text: word };
}

function sectionOf(path: readonly (string | number)[]): 'project' | 'image' | 'job' | null {
  if (path.length === 0) return 'project';
  if (path.length !== 2) return null;
  if (path[0] === 'images') return 'image';
  return path[0] === 'jobs' ? 'job' : null;
}
