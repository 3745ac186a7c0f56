import { happen } from './events.ts';
import { isPull } from './lookup.ts';
import { noteEvent, tellPull } from './pulls.ts';
import { issueView, labelView } from './views/issues.ts';
import type { Account, Issue, Label, Repository, World } from './world.ts';

/** The label of a repository, made (and told) if there is none. Names differ whatever their case. */
export function ensureLabel(
  world: World,
  repo: Repository,
  by: Account,
  { name, color = 'ededed', description = '' }: { name: string; color?: string; description?: string },
): Label {
  const known = repo.labels.get(name.toLowerCase());
  if (known) return known;
  const label: Label = { id: world.ids.next(), name, color, description };
  repo.labels.set(name.toLowerCase(), label);
  const body = { label: labelView(world, repo, label) };
  happen(world, { event: 'label', action: 'created', sender: by, repository: repo, body });
  return label;
}

/** Puts a label on; nothing happens if it is there. */
export async function putLabel(world: World, repo: Repository, issue: Issue, name: string, by: Account): Promise<void> {
  const label = ensureLabel(world, repo, by, { name });
  if (hasLabel(issue, name)) return;
  issue.labels.push(label.name);
  await tellLabel(world, repo, issue, label, 'labeled', by);
}

/** Takes a label off; false if it was not there. */
export async function takeLabel(
  world: World,
  repo: Repository,
  issue: Issue,
  name: string,
  by: Account,
): Promise<boolean> {
  const label = repo.labels.get(name.toLowerCase());
  if (!label || !hasLabel(issue, name)) return false;
  issue.labels.splice(issue.labels.indexOf(label.name), 1);
  await tellLabel(world, repo, issue, label, 'unlabeled', by);
  return true;
}

function hasLabel(issue: Issue, name: string): boolean {
  return issue.labels.some((label) => label.toLowerCase() === name.toLowerCase());
}

async function tellLabel(
  world: World,
  repo: Repository,
  issue: Issue,
  label: Label,
  action: 'labeled' | 'unlabeled',
  by: Account,
): Promise<void> {
  issue.updatedAt = world.now();
  noteEvent(world, issue, action, by, { label: { name: label.name, color: label.color } });
  const body = { label: labelView(world, repo, label) };
  if (isPull(issue)) return tellPull(world, repo, issue, action, by, body);
  const issueBody = { issue: issueView(world, repo, issue), ...body };
  happen(world, { event: 'issues', action, sender: by, repository: repo, body: issueBody });
}
