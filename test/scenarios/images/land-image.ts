import type { ImageWorld } from '../../harness/image-world.ts';

/** Lands a change on `main`, and gives the commit that landed. */
export async function landImage(
  world: ImageWorld,
  name: string,
  files: Readonly<Record<string, string>> = { 'README.md': `hello, ${name}\n` },
): Promise<string> {
  const change = await world.change(name, files);
  await world.ask(change);
  await world.ended(change, 'success');
  return world.git('rev-parse', 'main');
}

/** Waits until `sluice/promote` on a landed commit says something that fits: its state, its title, its summary. */
export async function promotionSays(world: ImageWorld, commit: string, fits: RegExp): Promise<string> {
  return world.until(`the promotion of ${commit.slice(0, 7)} says ${fits}`, async () => {
    const check = await world.promoteCheck(commit);
    const text = check && `${check.status} ${check.conclusion}\n${check.title}\n${check.summary}`;
    return text !== undefined && fits.test(text) && text;
  });
}
