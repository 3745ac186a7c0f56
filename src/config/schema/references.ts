import { nearestName } from '../problems/nearest-name.ts';
import { type Fault, textThat } from './scalars.ts';
import { fillPlaceholders, templateFault } from './templates.ts';

const hostPattern =
  /^(?:localhost|[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+)(?::\d{1,5})?$/i;
const partPattern = /^[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*$/;
const isHost = (text: string) => hostPattern.test(text) || /^[a-z0-9-]+:\d{1,5}$/i.test(text);

/** What is wrong with a repository: it has a registry host and a path, and neither scheme, tag nor digest. */
export function repositoryFault(text: string): Fault | null {
  if (text.length > 255) return { message: 'is longer than 255 characters', hint: null };
  if (/^[a-z]+:\/\//i.test(text)) return { message: 'is a URL', hint: `write ${text.replace(/^[a-z]+:\/\//i, '')}` };
  const digest = text.indexOf('@');
  if (digest !== -1) return { message: 'has a digest', hint: `write ${text.slice(0, digest)}` };
  const tag = /:[^/]*$/.exec(text);
  if (tag !== null && text.includes('/')) {
    const hint = `write ${text.slice(0, tag.index)}, and \`tags: [${tag[0].slice(1)}]\` beside it`;
    return { message: 'has a tag', hint };
  }
  return pathFault(text);
}

function pathFault(text: string): Fault | null {
  const [host = '', ...parts] = text.split('/');
  if (!isHost(host)) {
    const example = parts.length === 0 ? `quay.io/OWNER/${text}` : `quay.io/${text}`;
    return { message: 'has no registry host', hint: `write it with its host, as ${example.toLowerCase()}` };
  }
  if (parts.length === 0) return { message: 'is only a registry host', hint: `write it as ${host}/OWNER/NAME` };
  if (parts.every((part) => partPattern.test(part))) return null;
  const lower = text.toLowerCase();
  const hint = parts.every((part) => partPattern.test(part.toLowerCase())) ? `write ${lower}` : null;
  return { message: 'is no repository: lower-case letters, digits and single ".", "_", "-" between them', hint };
}

export const repository = textThat('a repository as "quay.io/acme/api"', repositoryFault);

function imageReferenceFault(text: string, allowsImages: boolean): Fault | null {
  const template = templateFault(text, allowsImages);
  if (template !== null) return template;
  const plain = fillPlaceholders(text, 'x');
  const pattern =
    /^(?:[a-z0-9.-]+(?::\d{1,5})?\/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*(?::[\w][\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/i;
  const hint = 'write it as docker.io/library/golang:1.24';
  if (plain.length > 512 || !pattern.test(plain)) return { message: 'is no image', hint };
  // Builders take the word for an empty base only in a container file, without a host or a tag.
  return /^(?:docker\.io\/(?:library\/)?)?scratch(?:[:@]|$)/.test(plain)
    ? { message: 'is no image: in a container file it stands for nothing at all', hint: 'name one that can be pulled' }
    : null;
}

export const imageReference = textThat('an image as "docker.io/library/golang:1.24"', (text) =>
  imageReferenceFault(text, true),
);

/** What an image can be built on: another one of the same file is named by itself. */
export const baseReference = textThat('an image as "docker.io/library/golang:1.24"', (text) =>
  imageReferenceFault(text, false),
);

function tagFault(text: string): Fault | null {
  const template = templateFault(text);
  if (template !== null) return template;
  const plain = fillPlaceholders(text, 'x');
  if (!/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/.test(plain)) {
    const hint = 'at most 128 of letters, digits, "_", "." and "-", not beginning with "." or "-"';
    return { message: 'is no image tag', hint };
  }
  const hint = 'such tags hold images of changes that have not landed, and are removed';
  return plain.startsWith('change_') ? { message: 'begins with change_', hint } : null;
}

export const tag = textThat('a tag as "latest" or "{{ v }}-{{ sha }}"', tagFault);

const architectures = ['amd64', 'arm64', 'arm', '386', 'ppc64le', 's390x', 'riscv64', 'loong64', 'mips64le'];
const otherNames: ReadonlyMap<string, string> = new Map([
  ['x86_64', 'amd64'],
  ['x64', 'amd64'],
  ['aarch64', 'arm64'],
  ['armv7', 'arm/v7'],
]);

function platformFault(text: string): Fault | null {
  const [system = '', architecture, variant, ...more] = text.split('/');
  if (architecture === undefined)
    return { message: 'names no system', hint: `write linux/${nearArchitecture(system)}` };
  if (system !== 'linux') return { message: 'is not a platform we build for', hint: `write linux/${architecture}` };
  if (!architectures.includes(architecture)) {
    return { message: 'names an unknown architecture', hint: `did you mean linux/${nearArchitecture(architecture)}?` };
  }
  const isOk = more.length === 0 && (variant === undefined || /^v\d$/.test(variant));
  return isOk ? null : { message: 'is no platform', hint: 'write it as linux/arm64 or linux/arm/v7' };
}

function nearArchitecture(word: string): string {
  return otherNames.get(word) ?? nearestName(word, architectures) ?? 'amd64';
}

export const platform = textThat('a platform as "linux/arm64"', platformFault);
