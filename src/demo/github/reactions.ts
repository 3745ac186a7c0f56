import type { Account, Reaction, World } from './world.ts';

/** One reaction of a kind per account: a second one changes nothing and gives back the first. */
export function react(
  world: World,
  reactions: Reaction[],
  by: Account,
  content: string,
): { reaction: Reaction; isNew: boolean } {
  const known = reactions.find((reaction) => reaction.authorId === by.id && reaction.content === content);
  if (known) return { reaction: known, isNew: false };
  const reaction = { id: world.ids.next(), authorId: by.id, content, at: world.now() };
  reactions.push(reaction);
  return { reaction, isNew: true };
}
