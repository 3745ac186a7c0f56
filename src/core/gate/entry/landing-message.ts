import type { GateRequest } from '../../../model/gate-request.ts';
import type { GateView } from '../../../model/gate-view.ts';
import type { Person } from '../../../model/person.ts';
import { fullName, type Project } from '../../../model/project.ts';

type Named = Pick<Project, 'owner' | 'name'>;

const limits = { bytes: 60 * 1024, titleCharacters: 300, loginCharacters: 100, reviewers: 50 };
const cutNote = '… cut here';

// Joiners that emoji are made of stay.
const unseen = /(?![\n\t\u200d])[\p{Cc}\p{Cf}\u2028\u2029]/gu;
/** Lines that say what only we may say. */
const oursOnly = /^(?:reviewed-by|change|requested-by)\s*:/i;

function cleaned(text: string): string {
  return text
    .toWellFormed()
    .replace(/\r\n?/g, '\n')
    .replace(unseen, '')
    .replace(/<!--[\s\S]*?(?:-->|$)/g, '')
    .replaceAll('<!--', '<! --');
}

function oneLine(text: string, characters: number): string {
  return cleaned(text).replace(/\s+/g, ' ').trim().slice(0, characters).toWellFormed();
}

/** A line that could be taken for a trailer of ours is indented by one blank: to git, and to a reader, it is none then. */
function disarmed(line: string): string {
  return oursOnly.test(line.normalize('NFKC').replace(/\u200d/g, '')) ? ` ${line}` : line;
}

function cutToBytes(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text;
  const room = Math.max(0, bytes - Buffer.byteLength(`\n\n${cutNote}`));
  // Takes whole characters only.
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(room));
  return `${text.slice(0, read).trimEnd()}\n\n${cutNote}`;
}

function bodyOf(body: string): string {
  const lines = cleaned(body)
    .split('\n')
    .map((line) => disarmed(line.trimEnd()));
  return lines
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .replace(/^\n+|\n+$/g, '');
}

/** Our own lines at the end of every commit that the gate makes: `Change`, who asked, whose approvals counted. */
export function landingTrailers(
  { pull }: Pick<GateView, 'pull'>,
  request: Pick<GateRequest, 'by'>,
  project: Named,
  approvers: readonly Person[],
): readonly string[] {
  const login = (person: Person): string => oneLine(person.login, limits.loginCharacters);
  return [
    ...approvers.slice(0, limits.reviewers).map((person) => `Reviewed-by: ${login(person)}`),
    `Requested-by: ${login(request.by)}`,
    `Change: ${fullName(project)}#${pull.number}`,
  ];
}

/**
 * The message of a merge or squash commit, at most 60 KiB: the title with its number, the author's own words, and our
 * trailers as the last paragraph, which nothing that an author writes can forge.
 */
export function landingMessage(
  view: Pick<GateView, 'pull' | 'body'>,
  request: Pick<GateRequest, 'by'>,
  project: Named,
  approvers: readonly Person[],
): string {
  const title = oneLine(view.pull.title, limits.titleCharacters) || 'Untitled';
  const first = disarmed(`${title} (#${view.pull.number})`);
  const last = landingTrailers(view, request, project, approvers).join('\n');
  const room = limits.bytes - Buffer.byteLength(`${first}\n\n\n\n${last}\n`);
  const body = cutToBytes(bodyOf(view.body), room);
  return `${[first, ...(body === '' ? [] : [body]), last].join('\n\n')}\n`;
}
