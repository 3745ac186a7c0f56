import { definitionDigest } from '../../model/build.ts';
import type { CheckRunReport } from '../../model/check-run.ts';
import type { Effect } from '../../model/effect.ts';
import type { Person } from '../../model/person.ts';
import { releaseNameOf } from '../../model/release.ts';
import type { ReleaseRun } from '../../model/release-run.ts';
import type { Sha } from '../../model/sha.ts';
import type { OpenTag, TagCame, TagsRecord } from '../../model/tags.ts';
import { releaseWord } from '../push/ask-releases.ts';
import type { RerunPress } from '../push/facts.ts';
import { refusalReport } from '../push/press-answers.ts';

/** A tag that is to be judged; `by` null: nobody told who set it. */
export interface WantedTag {
  readonly tag: string;
  readonly commit: Sha;
  readonly by: Person | null;
}

/** What a tag comes to; `ignored`: it is nobody's business; `unread`: it could not be found out now. */
export type JudgedTag = TagCame | { readonly kind: 'ignored' } | { readonly kind: 'unread' };

/** One consistent look at the world for a pass over a project's tags. */
export interface TagsFacts {
  readonly now: number;
  readonly subject: string;
  /** As git has them now. */
  readonly tags: ReadonlyMap<string, Sha>;
  /** Tags that the forge told of since, with who set them: looked at again, though they may be known. */
  readonly told: ReadonlyMap<string, Person | null>;
  /** What people pressed Re-run on, of the words on tagged commits. */
  readonly presses: readonly RerunPress[];
  /** By `tagKeyOf`, found out in this pass. */
  readonly judged: ReadonlyMap<string, JudgedTag>;
  /** Releases that were asked for, by name, as far as something is known of them. */
  readonly releases: ReadonlyMap<string, Pick<ReleaseRun, 'wish' | 'stage'>>;
  /** Check runs that are concluded, by external id. */
  readonly concluded: ReadonlySet<string>;
}

export interface TagsPlan {
  readonly record: TagsRecord;
  readonly effects: readonly Extract<Effect, { kind: 'report' | 'tell' }>[];
  readonly reasons: readonly string[];
  /** To be judged before the plan counts. */
  readonly wants: readonly WantedTag[];
  readonly wakeAt: number | null;
}

const soonMs = 15_000;
/** So long a release has to hear of a tag (ms); then another commit has taken its place. */
const hearingMs = 600_000;

export function tagKeyOf({ tag, commit }: Pick<WantedTag, 'tag' | 'commit'>): string {
  return `${commit} ${tag}`;
}

const tagCheck = 'sluice-tag-';

/** True for a word on a tagged commit, which no release has begun for. */
export function isTagCheck(externalId: string): boolean {
  return externalId.startsWith(tagCheck);
}

/** Finds the word on a tagged commit again. */
export function tagCheckId(subject: string, { tag, commit }: Pick<OpenTag, 'tag' | 'commit'>): string {
  return `${tagCheck}${definitionDigest([subject, tag, commit])}/1`;
}

function reportOf(facts: TagsFacts, open: OpenTag, said: Extract<TagCame, { kind: 'says' }>): CheckRunReport {
  const { tag, commit, at } = open;
  return {
    commit,
    name: `sluice/tag/${tag}`,
    externalId: tagCheckId(facts.subject, open),
    state: { status: 'completed', conclusion: said.conclusion },
    title: said.because.slice(0, 240),
    summary: `${said.because}.`,
    text: '',
    annotations: [],
    actions: [],
    detailsUrl: null,
    startedAt: at,
    completedAt: at,
  };
}

/** Whether the release took it up: one that is under way from the same commit, or whose ledger entry says it all. */
function isHeard(facts: TagsFacts, { came }: OpenTag): boolean {
  if (came.kind !== 'asks') return false;
  const known = facts.releases.get(releaseNameOf(came.wish));
  if (known === undefined) return false;
  const { by } = came.wish;
  const waitsForIt = known.stage.kind === 'held' && by !== null && known.wish.by?.id !== by.id;
  return (known.wish.commit === came.wish.commit && !waitsForIt) || known.stage.kind === 'published';
}

/** What asked for a release that another commit has for long comes to nothing. */
function settle({ now, releases }: TagsFacts, open: OpenTag): OpenTag {
  const { came, commit, at } = open;
  const known = came.kind === 'asks' ? releases.get(releaseNameOf(came.wish)) : undefined;
  if (came.kind !== 'asks' || known === undefined || known.wish.commit === commit) return open;
  if (now - at < hearingMs || known.stage.kind === 'published') return open;
  const because = `${came.wish.version} is asked for from ${known.wish.commit.slice(0, 12)} since`;
  return { ...open, came: { kind: 'says', conclusion: 'failure', because } };
}

/** Tags that asked for a release which was made of another commit meanwhile: judged again, they are told so (versions.md §5). */
function passedBy(record: TagsRecord, { releases }: TagsFacts): ReadonlyMap<string, Person | null> {
  const found = record.open.flatMap(({ tag, commit, came }) => {
    const known = came.kind === 'asks' ? releases.get(releaseNameOf(came.wish)) : undefined;
    const isOther = known?.stage.kind === 'published' && known.wish.commit !== commit;
    return isOther && came.kind === 'asks' ? [[tag, came.wish.by] as const] : [];
  });
  return new Map(found);
}

/** Judged again, as the branches or the file may be others now; what stays as it was, or cannot be had, is said there. */
function answerPress(facts: TagsFacts, tag: string, press: RerunPress): string | null {
  if (press.whyNot !== null) return press.whyNot;
  const commit = facts.tags.get(tag);
  if (commit === undefined) return `the tag ${tag} was deleted`;
  if (commit !== press.said.commit) return `the tag ${tag} was moved to ${commit.slice(0, 12)}`;
  const judged = facts.judged.get(tagKeyOf({ tag, commit }));
  if (judged === undefined || judged.kind === 'asks') return null;
  if (judged.kind === 'says') return `it was judged again: ${judged.because}`;
  return judged.kind === 'ignored'
    ? 'nothing is done for this tag any more'
    : 'it could not be judged now, and is again by itself';
}

/** Of each tag that is judged again by this, what is said of it. */
function takeTagPresses(facts: TagsFacts) {
  const answers = facts.presses.map((press) => {
    const tag = press.said.name.replace(/^sluice\/tag\//, '');
    return { press, tag, because: answerPress(facts, tag, press) };
  });
  const isMeant = ({ press, tag }: (typeof answers)[number]) =>
    press.whyNot === null && facts.tags.get(tag) === press.said.commit;
  return { answers, again: new Set(answers.filter(isMeant).map(({ tag }) => tag)) };
}

/**
 * One pass over the git tags of a project (versions.md §5): each that is new or was moved is judged once, and asks for its
 * release or says why not. What the forge told of nothing, as of more than three tags at once, is found by looking.
 */
export function planTags(record: TagsRecord, facts: TagsFacts): TagsPlan {
  const wants: WantedTag[] = [];
  const reasons: string[] = [];
  const seen: Record<string, Sha> = {};
  const fresh: OpenTag[] = [];
  const { answers, again } = takeTagPresses(facts);
  const passed = passedBy(record, facts);
  for (const [tag, commit] of facts.tags) {
    const before = record.seen[tag];
    if (before === commit && !facts.told.has(tag) && !again.has(tag) && !passed.has(tag)) {
      seen[tag] = commit;
      continue;
    }
    const judged = facts.judged.get(tagKeyOf({ tag, commit }));
    if (judged === undefined) wants.push({ tag, commit, by: facts.told.get(tag) ?? passed.get(tag) ?? null });
    // What could not be read is found again by the next pass.
    if (judged === undefined || judged.kind === 'unread') {
      if (before !== undefined && before !== commit) seen[tag] = before;
      continue;
    }
    seen[tag] = commit;
    if (judged.kind !== 'asks' && judged.kind !== 'says') continue;
    // What is said there already stays, with what was pressed.
    if (judged.kind === 'says' && before === commit && again.has(tag)) continue;
    const told = judged.kind === 'asks' ? 'asks for its release' : judged.because;
    reasons.push(`${tag} at ${commit.slice(0, 12)}: ${told}`);
    fresh.push({ tag, commit, at: facts.now, came: judged });
  }
  const others = record.open.filter((old) => !fresh.some(({ tag }) => tag === old.tag));
  const effects: TagsPlan['effects'][number][] = [];
  const settled = [...others, ...fresh].map((each) => settle(facts, each));
  const open = settled.filter((each) => {
    const { came } = each;
    if (came.kind === 'says') {
      effects.push({ kind: 'report', report: reportOf(facts, each, came) });
      return !facts.concluded.has(tagCheckId(facts.subject, each));
    }
    if (isHeard(facts, each)) return false;
    effects.push({ kind: 'tell', ...releaseWord(record.project, came.wish, facts.now) });
    return true;
  });
  for (const { press, because } of answers) {
    reasons.push(`@${press.by.login} pressed Re-run on ${press.said.name}${because === null ? '' : `: ${because}`}`);
    if (because !== null) effects.push({ kind: 'report', report: refusalReport(press, because) });
  }
  const isOver = open.length === 0 && Object.keys(seen).length === facts.tags.size;
  return { record: { ...record, seen, open }, effects, reasons, wants, wakeAt: isOver ? null : facts.now + soonMs };
}
