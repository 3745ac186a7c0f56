import { posix } from 'node:path';
import { printable, quote } from '../problems/finding.ts';
import { imageSchema } from '../schema/image.ts';
import { unsafeKeys } from '../yaml/locate-nodes.ts';
import { fillJinja } from './fill-jinja.ts';
import type { ZuulJob } from './inherit-job.ts';
import { entriesOf, isMapping, itemsOf, type Tell, textOf, type Written } from './written.ts';

/** An image as our file names it, before it has a name. */
export interface ImportedImage {
  readonly repository?: string;
  readonly context?: string;
  readonly containerFilename?: string;
  readonly target?: string;
  readonly buildArgs?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  readonly platforms?: readonly string[];
  readonly siblings?: readonly string[];
  readonly extraEnv?: Readonly<Record<string, string>>;
}

/** What is the same for all images of a job. */
export interface ImageSetting {
  readonly job: ZuulJob;
  /** `owner/name`; null: not known. */
  readonly project: string | null;
  readonly family: 'container_images' | 'docker_images';
  readonly tell: Tell;
}

const knownKeys = new Set([
  ...['context', 'container_filename', 'dockerfile', 'registry', 'repository', 'path', 'build_args', 'target', 'tags'],
  ...['siblings', 'labels', 'arch', 'container_command'],
]);

/** One entry of `container_images` or `docker_images` (zuul-jobs, build-container-image and build-docker-image); null, and told: none. */
export function translateImage(entry: Written, setting: ImageSetting): ImportedImage | null {
  const { tell } = setting;
  const entries = entriesOf(entry);
  if (!isMapping(entry)) {
    tell(entry, `an image of ${setting.family} that is no map: not imported`);
    return null;
  }
  for (const [key, value] of entries) if (!knownKeys.has(key)) tell(value, `${key}: no role knows it: not imported`);
  const files = filesOf(entries, entry, setting);
  if (files === null) return null;
  const command = entries.get('container_command');
  if (command !== undefined) tell(command, commandSays);
  return {
    ...repositoryOf(entries, entry, setting),
    ...files,
    ...oneText('target', entries.get('target'), setting),
    ...pairsOf('buildArgs', entries.get('build_args'), setting),
    ...pairsOf('labels', entries.get('labels'), setting),
    tags: tagsOf(entries.get('tags'), setting),
    ...platformsOf(entries.get('arch'), setting),
    ...siblingsOf(entries.get('siblings'), setting),
    ...extraEnvOf(setting),
  };
}

export const commandSays =
  'container_command: not imported; the builder is the one of the server, or `builder: buildah` (or buildkit, kaniko) of the image';

type Field = keyof typeof imageSchema.shape;

/** Whether our own schema takes a value there; told when not. */
function fits(field: Field, value: unknown, at: Written, tell: Tell): boolean {
  const parsed = imageSchema.shape[field].safeParse(value);
  if (parsed.success) return true;
  const shown = printable(shownAs(value)).slice(0, 120);
  tell(at, `${quote(shown)} ${parsed.error.issues[0]?.message ?? 'is not taken'}: \`${field}\` was not imported`);
  return false;
}

function shownAs(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const pairs = Object.entries(value).map(([key, each]) =>
    Array.isArray(value) ? String(each) : `${key}=${String(each)}`,
  );
  return pairs.join(', ');
}

/** A text with Zuul's values in it as one with ours; null, and told, when it cannot be. */
function filled(at: Written, what: string, { project, tell }: ImageSetting): string | null {
  const text = textOf(at);
  if (text === null) {
    tell(at, `${what}: no text: not imported`);
    return null;
  }
  const found = fillJinja(text, project);
  if (found.kind === 'text') return found.text;
  const shown = printable(found.kind === 'unknown' ? found.expression : text.slice(0, 120));
  const hint = shown.includes('zuul.project') && project === null ? '; name the repository with --project' : '';
  tell(at, `${what}: ${quote(shown)} is only known to Zuul: not imported${hint}`);
  return null;
}

function oneText(field: 'target', at: Written | undefined, setting: ImageSetting) {
  if (at === undefined || textOf(at) === '') return {};
  const text = filled(at, field, setting);
  return text !== null && fits(field, text, at, setting.tell) ? { [field]: text } : {};
}

function repositoryOf(entries: ReadonlyMap<string, Written>, entry: Written, setting: ImageSetting) {
  const { family, job, tell } = setting;
  const at = entries.get('repository');
  if (at === undefined) {
    tell(entry, 'an image without `repository`: it is built and can be pushed nowhere');
    return {};
  }
  const written = filled(at, 'repository', setting);
  if (written === null) return {};
  const registry =
    entries.get('registry') ?? (family === 'docker_images' ? job.vars.get('docker_registry') : undefined);
  const host = textOf(registry) ?? '';
  const hasHost = /^(?:[^/]*[.:][^/]*|localhost)\//.test(written);
  if (hasHost && host !== '' && !written.startsWith(`${host}/`))
    tell(
      registry ?? at,
      `registry ${quote(printable(host))} is not that of ${quote(printable(written))}: not imported`,
    );
  const full = hasHost ? written : `${host === '' ? 'docker.io' : host}/${written}`;
  if (!hasHost && host === '') tell(at, `repository: taken as ${quote(printable(full))}, as it names no registry`);
  return fits('repository', full, at, tell) ? { repository: full } : {};
}

/** `zuul_work_dir` below the repository; the root, and told, when it leads elsewhere. */
function workDirOf({ job, project, tell }: ImageSetting): string {
  const at = job.vars.get('zuul_work_dir');
  const text = textOf(at);
  if (at === undefined || text === null) return '.';
  const below = /^\{\{ *zuul\.project\.src_dir *\}\}\/?(.*)$/.exec(text)?.[1];
  const checkout = /^src\/[^/]+\/([^/]+\/[^/]+)\/?(.*)$/.exec(text);
  const folder = below ?? (checkout?.[1] === project ? checkout?.[2] : undefined);
  if (folder !== undefined && !/[{}]/.test(folder)) return posix.normalize(folder === '' ? '.' : folder);
  tell(
    at,
    `zuul_work_dir: ${quote(printable(text.slice(0, 120)))} is not known to be in this repository: the root was taken`,
  );
  return '.';
}

// The role changes to zuul_work_dir/context, takes the file from there, and sends `path` counted from there to the builder.
function filesOf(entries: ReadonlyMap<string, Written>, entry: Written, setting: ImageSetting) {
  const { family, job, tell } = setting;
  const read = (key: string) => {
    const at = entries.get(key);
    return at === undefined ? '.' : filled(at, key, setting);
  };
  const [context, path] = [read('context'), read('path')];
  if (context === null || path === null) return null;
  const folder = posix.join(workDirOf(setting), context);
  const sent = posix.join(folder, path).replace(/\/$/, '');
  const at = entries.get('path') ?? entries.get('context') ?? entry;
  if (sent.startsWith('..') || posix.isAbsolute(context) || posix.isAbsolute(path)) {
    tell(at, `${quote(printable(sent))} is not in this repository: the image is not imported`);
    return null;
  }
  const place = fits('context', sent, at, tell);
  if (!place) return null;
  const isDocker = family === 'docker_images';
  const named = entries.get('container_filename') ?? entries.get('dockerfile');
  const fallback = job.vars.get(isDocker ? 'docker_dockerfile' : 'container_filename');
  const command = textOf(entries.get('container_command') ?? job.vars.get('container_command'));
  const fileAt = named ?? fallback;
  // Without a name podman looks for Containerfile, then Dockerfile, in what is sent, as we do.
  const file = fileAt
    ? filled(fileAt, 'container_filename', setting)
    : isDocker || command === 'docker'
      ? 'Dockerfile'
      : null;
  const where = sent === '.' ? {} : { context: sent };
  if (file === null) return where;
  const from = fileAt || isDocker ? folder : sent;
  const containerFilename = posix.relative(posix.join('/', sent), posix.join('/', from, file));
  const isOutside = posix.join(from, file).startsWith('..');
  if (isOutside)
    tell(fileAt ?? at, `${quote(printable(file))} is outside the repository: \`containerFilename\` was not imported`);
  if (isOutside || !fits('containerFilename', containerFilename, fileAt ?? at, tell)) return where;
  return { ...where, containerFilename };
}

/** `NAME=value` of a list, or a map. */
function pairsOf(field: 'buildArgs' | 'labels', at: Written | undefined, setting: ImageSetting) {
  if (at === undefined) return {};
  const pairs = new Map<string, string>();
  const take = (name: string, value: string, where: Written) => {
    if (unsafeKeys.has(name)) setting.tell(where, `${quote(name)} cannot be a key here: not imported`);
    else if (fits(field, { [name]: value }, where, setting.tell)) pairs.set(name, value);
  };
  const what = field === 'labels' ? 'labels' : 'build_args';
  if (isMapping(at))
    for (const [name, each] of entriesOf(at)) {
      const value = filled(each, what, setting);
      if (value !== null) take(name, value, each);
    }
  else
    for (const each of itemsOf(at)) {
      const text = filled(each, what, setting);
      if (text === null) continue;
      const [, name = '', value] = /^([^=]*)=([\s\S]*)$/.exec(text.replace(/^(["'])([\s\S]*)\1$/, '$2')) ?? [];
      if (value === undefined)
        setting.tell(
          each,
          `${what}: ${quote(printable(text.slice(0, 120)))} has no value, and there is no environment to take it from: not imported`,
        );
      else take(name, value.replace(/^(["'])([\s\S]*)\1$/, '$2'), each);
    }
  return pairs.size === 0 ? {} : { [field]: Object.fromEntries(pairs) };
}

function tagsOf(at: Written | undefined, setting: ImageSetting): readonly string[] {
  if (at === undefined) return ['latest'];
  const tags = itemsOf(at).flatMap((each) => {
    const found = fillJinja(textOf(each) ?? '', setting.project);
    const wanted = found.kind === 'by-event' ? [...found.otherwise, '{{ tag }}'] : [filled(each, 'tags', setting)];
    return wanted.filter((tag) => tag !== null && fits('tags', [tag], each, setting.tell)) as string[];
  });
  if (tags.length > 0) return [...new Set(tags)];
  setting.tell(
    at,
    'tags: none could be imported; `{{ sha }}` stands there, so that no tag is moved that should not be',
  );
  return ['{{ sha }}'];
}

function platformsOf(at: Written | undefined, setting: ImageSetting) {
  const platforms = itemsOf(at).flatMap((each) => {
    const text = filled(each, 'arch', setting);
    return text !== null && fits('platforms', [text], each, setting.tell) ? [text] : [];
  });
  return platforms.length === 0 ? {} : { platforms: [...new Set(platforms)] };
}

function siblingsOf(at: Written | undefined, setting: ImageSetting) {
  const siblings = itemsOf(at).flatMap((each) => {
    const text = filled(each, 'siblings', setting);
    const project = text?.split('/').slice(-2).join('/');
    return project !== undefined && fits('siblings', [project], each, setting.tell) ? [project] : [];
  });
  if (at === undefined || siblings.length === 0) return {};
  setting.tell(
    at,
    'siblings: they lie in .siblings/OWNER/NAME of the context here, named by SIBLINGS: change what reads .zuul-siblings/HOST/OWNER/NAME and ZUUL_SIBLINGS',
  );
  return { siblings: [...new Set(siblings)] };
}

function extraEnvOf(setting: ImageSetting) {
  const extraEnv: Record<string, string> = {};
  for (const [name, at] of entriesOf(setting.job.vars.get('container_build_extra_env'))) {
    const value = filled(at, 'container_build_extra_env', setting);
    if (value !== null && fits('extraEnv', { [name]: value }, at, setting.tell)) extraEnv[name] = value;
  }
  return Object.keys(extraEnv).length === 0 ? {} : { extraEnv };
}
