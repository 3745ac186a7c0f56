import type { CheckRun } from '../check-model.ts';
import { latestByName } from '../checks.ts';
import { accountOf, fullName, type PullIssue } from '../lookup.ts';
import type { Outgoing } from '../request.ts';
import { commentsOn } from '../views/issues.ts';
import { isoTime } from '../views/urls.ts';
import type { Repository, World } from '../world.ts';
import { sendPage } from './layout.ts';
import { type Html, html, join, markdown } from './markup.ts';

/** A pull request with its checks and its conversation. */
export function pullPage(world: World, repo: Repository, issue: PullIssue): Outgoing {
  const { pull } = issue;
  const ended = pull.merged ? 'merged' : issue.state;
  const state = ended === 'open' && pull.draft ? 'draft' : ended;
  const name = fullName(world, repo);
  const runs = [...world.checkRuns.values()].filter(
    (run) => run.repositoryId === repo.id && run.headSha === pull.headSha,
  );
  const content = html`<h1>${issue.title} <small>#${issue.number}</small></h1>
<p><span class="state ${state}">${state}</span> ${login(world, issue.authorId)} wants to merge
<code>${pull.headOwner}:${pull.headRef}</code> at <code>${pull.headSha}</code> into <code>${pull.baseRef}</code> of
<a href="/">${name}</a></p>
${labels(repo, issue)}${ending(world, issue)}
<div class="box">${issue.body ? markdown(issue.body) : html`<p class="faint">No description.</p>`}</div>
<h2>Checks</h2>
${runs.length === 0 ? html`<p class="faint">None yet.</p>` : join(gateFirst(latestByName(runs)).map((run) => runBox(world, run)))}
<h2>Conversation</h2>
${join(conversation(world, repo, issue))}`;
  return sendPage(`${issue.title} · #${issue.number} · ${name}`, content);
}

/** One check run, where its `html_url` leads. */
export function runPage(world: World, run: CheckRun): Outgoing {
  return sendPage(
    run.name,
    html`<h1>${run.name} <small>on <code>${run.headSha}</code></small></h1>${runBox(world, run)}`,
  );
}

function labels(repo: Repository, issue: PullIssue): Html {
  if (issue.labels.length === 0) return html``;
  const chips = issue.labels.map((name) => {
    const color = repo.labels.get(name.toLowerCase())?.color ?? 'ededed';
    return html`<span class="label" style="border-color: #${color}">${name}</span> `;
  });
  return html`<p>${join(chips)}</p>`;
}

/** How it ended; nothing while it is open. */
function ending(world: World, { pull, state, closedById }: PullIssue): Html {
  if (pull.merged) {
    return html`<p class="box ended">${login(world, pull.merged.byId)} merged this as <code>${pull.merged.sha}</code>
into <code>${pull.baseRef}</code> at ${isoTime(pull.merged.at)}.</p>`;
  }
  if (state === 'open' || closedById === null) return html``;
  return html`<p class="box ended">${login(world, closedById)} closed this.</p>`;
}

// What decides whether it lands is seen before what it is made of.
function gateFirst(runs: readonly CheckRun[]): CheckRun[] {
  const isGate = ({ name }: CheckRun): boolean => name.startsWith('sluice/gate/');
  return [...runs.filter(isGate), ...runs.filter((run) => !isGate(run))];
}

function login(world: World, id: number): Html {
  return html`<b>${accountOf(world, id).login}</b>`;
}

function runBox(world: World, run: CheckRun): Html {
  const state = run.conclusion ?? run.status;
  const app = world.apps.get(run.appId)?.name ?? '';
  const annotations = run.annotations.map(
    ({ path, start_line, annotation_level, message }) =>
      html`<li>${annotation_level} <code>${path}:${start_line}</code> ${message}</li>`,
  );
  return html`<details class="box"${{ html: state === 'success' || state === 'skipped' ? '' : ' open' }}>
<summary><span class="state ${state}">${state}</span> <b>${run.name}</b> <span class="faint">${app}</span> ${run.title ?? ''}</summary>
${run.summary ? markdown(run.summary) : ''}${run.text ? markdown(run.text) : ''}
${annotations.length > 0 ? html`<ul>${join(annotations)}</ul>` : ''}
${run.actions.length > 0 ? html`<p class="faint">Buttons: ${run.actions.map(({ label }) => label).join(', ')}</p>` : ''}
</details>`;
}

function conversation(world: World, repo: Repository, issue: PullIssue): Html[] {
  const comments = commentsOn(world, repo, issue.number).map((comment) => ({
    at: comment.createdAt,
    box: html`<div class="box"><p class="faint">${login(world, comment.authorId)} at ${isoTime(comment.createdAt)}
${comment.reactions.map(({ content }) => content).join(' ')}</p>${markdown(comment.body)}</div>`,
  }));
  const reviews = issue.pull.reviews.map((review) => ({
    at: review.submittedAt,
    box: html`<div class="box"><p class="faint">${login(world, review.authorId)} ${review.state.toLowerCase()}
<code>${review.commit.slice(0, 12)}</code> at ${isoTime(review.submittedAt)}</p>${markdown(review.body)}</div>`,
  }));
  return [...comments, ...reviews].toSorted((a, b) => a.at - b.at).map(({ box }) => box);
}
