import { printable, quote } from '../problems/finding.ts';
import type { ImageUse, NamedImage } from './collect-images.ts';
import { imageVariables } from './image-kind.ts';
import type { ZuulJob } from './inherit-job.ts';
import type { ZuulObjects } from './read-zuul-files.ts';
import { commandSays } from './translate-image.ts';
import { entriesOf, isMapping, type Tell, textOf } from './written.ts';

const taken = ['dependencies', 'voting', 'branches', 'timeout', 'files', 'irrelevant-files'];

/** What there is instead of an attribute of a job. */
const attributes: Readonly<Record<string, string>> = {
  nodeset: 'ignored: builds run as pods; where it matters, name a `pool` of the server',
  run: 'playbooks are not run; what must happen belongs into the Containerfile, or into a job with `image` and `run`',
  'pre-run': 'playbooks are not run; what must happen belongs into the Containerfile',
  'post-run': 'playbooks are not run',
  'cleanup-run': 'playbooks are not run',
  roles: 'playbooks are not run',
  attempts: 'what fails for reasons of ours is tried up to three times anyway',
  provides: 'a job of the gate runs in a staged image by `image: "{{ images.NAME.staged }}"` and `needs`',
  requires: 'a job of the gate runs in a staged image by `image: "{{ images.NAME.staged }}"` and `needs`',
  semaphore: 'how much runs at once is the limit of a `pool` of the server',
  semaphores: 'how much runs at once is the limit of a `pool` of the server',
  'post-review': 'credentials are only given to approved code, always',
  'allowed-projects': 'who may use a credential is said in SLUICE_REGISTRIES on the server',
  'match-on-config-updates': 'a pull request that changes the file gets a check run with its plan',
  'post-timeout': 'there is one `timeout`',
};

const variables: Readonly<Record<string, string>> = {
  docker_use_buildkit: 'write `builder: buildkit` into the image where it matters',
  container_builder_image: 'the builder is the one of the server',
  promote_container_image_api: 'the digest is taken from the verdict of the gate',
  promote_container_image_pipeline: 'the digest is taken from the verdict of the gate',
  promote_container_image_job: 'the digest is taken from the verdict of the gate',
  promote_container_image_query: 'the digest is taken from the verdict of the gate',
};

const takenVariables = [
  ...imageVariables,
  ...['zuul_work_dir', 'container_filename', 'docker_dockerfile', 'docker_registry', 'container_build_extra_env'],
  ...['promote_container_image_method', 'upload_container_image_promote', 'upload_docker_image_promote'],
];
const credentialVariables = ['container_registry_credentials', 'docker_credentials'];

/** Says of everything in the imported jobs that has no place in our file what there is instead. */
export function tellRest(
  uses: readonly ImageUse[],
  images: readonly NamedImage[],
  namesOf: ReadonlyMap<ImageUse, readonly string[]>,
  objects: ZuulObjects,
  tell: Tell,
): void {
  const told = new Set<string>();
  for (const use of uses) {
    const { job } = use;
    tellAttributes(job, tell);
    tellVariables(job, tell);
    tellProjects(job, images, tell);
    const places = hostsOf(images.filter(({ name }) => namesOf.get(use)?.includes(name)));
    for (const at of [...job.secrets, ...credentialVariables.flatMap((name) => job.vars.get(name) ?? [])]) {
      const name = textOf(isMapping(at) ? (entriesOf(at).get('secret') ?? entriesOf(at).get('name')) : at);
      if (name !== null) told.add(name);
      tell(name === null ? at : (objects.secrets.get(name) ?? at), credentialSays(name, places));
    }
  }
  for (const [name, at] of objects.secrets)
    if (!told.has(name)) tell(at, `secret ${quote(printable(name))}: no imported job uses it: not imported`);
}

function tellAttributes({ attributes: written }: ZuulJob, tell: Tell): void {
  for (const [key, at] of written) {
    if (taken.includes(key)) continue;
    const says = Object.hasOwn(attributes, key) ? attributes[key] : 'not known here: not imported';
    tell(at, `${printable(key)}: ${says}`);
  }
}

function tellVariables({ vars }: ZuulJob, tell: Tell): void {
  for (const [name, at] of vars) {
    if (takenVariables.includes(name) || credentialVariables.includes(name)) continue;
    if (name === 'container_command') tell(at, commandSays);
    else {
      const says = Object.hasOwn(variables, name) ? variables[name] : 'no image is built by it';
      tell(at, `vars.${printable(name)}: ${says}: not imported`);
    }
  }
}

function tellProjects({ requiredProjects }: ZuulJob, images: readonly NamedImage[], tell: Tell): void {
  const siblings = new Set(images.flatMap((image) => image.siblings ?? []));
  for (const at of requiredProjects) {
    const name = textOf(isMapping(at) ? entriesOf(at).get('name') : at);
    if (name === null || !siblings.has(name.split('/').slice(-2).join('/')))
      tell(
        at,
        `required-projects: ${name === null ? 'this' : quote(printable(name))} is no sibling of an image: not imported; name it in \`siblings\` of the image that needs it`,
      );
  }
}

function hostsOf(images: readonly NamedImage[]): string {
  const hosts = [...new Set(images.flatMap(({ repository }) => repository?.split('/')[0] ?? []))];
  return hosts.length === 0 ? 'of the registry' : `of ${hosts.join(' and ')}`;
}

function credentialSays(name: string | null, places: string): string {
  const what = name === null ? 'a credential' : `secret ${quote(printable(name))}`;
  return `${what}: not imported, and never read; give the server the credential ${places} in SLUICE_REGISTRIES instead, with \`uses: [upload, promote]\` and this repository in \`projects\``;
}

/** Where a job is said not to be imported, and what to write: lines of a comment. */
export function describeMissing(
  job: ZuulJob,
  pipelines: readonly string[],
  on: string,
  place: string,
): readonly string[] {
  const name = printable(job.name).slice(0, 100);
  const where = `${pipelines.join(', ')}; ${printable(place)}`;
  return [
    `not imported: ${name} (${where}), because it runs playbooks, which nothing does here; write what they do:`,
    `  ${/^[\w./-]+$/.test(name) ? name : JSON.stringify(name)}: { on: [${on}], image: IMAGE, run: COMMAND }`,
  ];
}
