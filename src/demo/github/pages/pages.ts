import { findRepository, pullOf } from '../lookup.ts';
import type { Incoming, Outgoing } from '../request.ts';
import type { World } from '../world.ts';
import { homePage } from './home-page.ts';
import { sendPage } from './layout.ts';
import { manifestPage } from './manifest-page.ts';
import { html } from './markup.ts';
import { pullPage, runPage } from './pull-page.ts';

/** The pages for people: home, a pull request, and the manifest flow. Private ones are shown too: this is a try-out. */
export async function answerPage(world: World, incoming: Incoming): Promise<Outgoing> {
  const { path } = incoming;
  if (path === '/') return homePage(world);
  if (path === '/settings/apps/new') return manifestPage(world, incoming, null);
  const organization = /^\/organizations\/([^/]+)\/settings\/apps\/new$/.exec(path)?.[1];
  if (organization !== undefined) return manifestPage(world, incoming, decodeURIComponent(organization));
  const [, runOf = '', runId] = /^\/([^/]+\/[^/]+)\/runs\/(\d+)$/.exec(path) ?? [];
  const run = world.checkRuns.get(Number(runId));
  if (run && findRepository(world, runOf)?.id === run.repositoryId) return runPage(world, run);
  const [, name = '', number] = /^\/([^/]+\/[^/]+)\/pull\/(\d+)$/.exec(path) ?? [];
  const repo = findRepository(world, name);
  const issue = repo && pullOf(repo, Number(number));
  if (repo && issue) return pullPage(world, repo, issue);
  return sendPage(
    'Not found',
    html`<h1>404</h1><p>This stand-in shows the list of repositories and pull requests only.</p>`,
    404,
  );
}
