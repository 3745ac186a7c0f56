import { fullName, pullsOf } from '../lookup.ts';
import type { Outgoing } from '../request.ts';
import type { Repository, World } from '../world.ts';
import { sendPage } from './layout.ts';
import { type Html, html, join } from './markup.ts';

/** Every repository with its open pull requests, and the last few closed ones. */
export function homePage(world: World): Outgoing {
  const repositories = [...world.repositories.values()].map((repo) => repositoryBox(world, repo));
  const none = html`<p class="faint">No repositories yet.</p>`;
  return sendPage('Stand-in GitHub', html`<h1>Repositories</h1>${repositories.length > 0 ? join(repositories) : none}`);
}

function repositoryBox(world: World, repo: Repository): Html {
  const name = fullName(world, repo);
  const pulls = pullsOf(repo).toReversed();
  const open = pulls.filter(({ state }) => state === 'open');
  const closed = pulls.filter(({ state }) => state === 'closed').slice(0, 10);
  const line = (issue: (typeof pulls)[number]): Html => {
    const state = issue.pull.merged ? 'merged' : issue.state;
    const link = html`<a href="/${name}/pull/${issue.number}">#${issue.number} ${issue.title}</a>`;
    return html`<li><span class="state ${state}">${state}</span> ${link}</li>`;
  };
  const clone = html`<code>git clone ${world.url}/${name}.git</code>`;
  const list = join([...open, ...closed].map(line));
  return html`<div class="box"><h2>${name} <small class="faint">${repo.private ? 'private' : ''}</small></h2>
<p>${clone}</p><ul>${list}</ul></div>`;
}
