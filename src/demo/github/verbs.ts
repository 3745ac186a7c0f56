import { appVerbs } from './verbs/apps.ts';
import { checkVerbs } from './verbs/checks.ts';
import { conversationVerbs } from './verbs/conversation.ts';
import { peopleVerbs } from './verbs/people.ts';
import { pullRequestVerbs } from './verbs/pull-requests.ts';
import { pushVerbs } from './verbs/pushes.ts';
import { repositoryVerbs } from './verbs/repositories.ts';
import { repositoryChangeVerbs } from './verbs/repository-changes.ts';
import { ruleVerbs } from './verbs/rules.ts';
import { sightVerbs } from './verbs/sights.ts';
import type { World } from './world.ts';

/** Everything that people can do on this GitHub, and see of it; README.md lists it. */
export function verbsOf(world: World) {
  const app = appVerbs(world);
  const check = checkVerbs(world);
  const conversation = conversationVerbs(world);
  const people = peopleVerbs(world);
  const pullRequest = pullRequestVerbs(world);
  const push = pushVerbs(world);
  const repository = repositoryVerbs(world);
  const repositoryChange = repositoryChangeVerbs(world);
  const rule = ruleVerbs(world);
  const sight = sightVerbs(world);
  const things = { ...people, ...repository, ...repositoryChange, ...rule, ...app };
  return { ...things, ...push, ...pullRequest, ...conversation, ...check, ...sight };
}
