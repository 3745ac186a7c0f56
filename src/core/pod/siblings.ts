import type { BuildOrder, Sibling } from '../../model/order.ts';
import { fullName, type Project } from '../../model/project.ts';
import { inlineCode } from '../text/safe-markdown.ts';

/** A project's name as a key: the forge does not tell upper from lower case. */
export function siblingKey(name: string): string {
  return name.toLowerCase();
}

/** What is checked out beside for this order's image, in the order that the image names it; none for other jobs. */
export function siblingsFor({ image, checkout }: Pick<BuildOrder, 'image' | 'checkout'>): readonly Sibling[] {
  const known = new Map((checkout.siblings ?? []).map((each) => [siblingKey(fullName(each.project)), each]));
  return (image?.image.siblings ?? []).flatMap((name) => known.get(siblingKey(name)) ?? []);
}

/** The file of the secret volume that holds the token for one sibling alone. */
export function siblingTokenFile(project: Pick<Project, 'id'>): string {
  return `sibling-${project.id}`;
}

/** True when the checkout is given a secret: its own project's token, or one of a sibling's. */
export function needsToken(order: Pick<BuildOrder, 'image' | 'checkout' | 'project'>): boolean {
  return order.project.private || siblingsFor(order).some(({ project }) => project.private);
}

/** Why this order's siblings must not, or cannot, be checked out, as a sentence for the author; null when they can. */
export function whyNotSiblings(order: BuildOrder): string | null {
  const wanted = order.image?.image.siblings ?? [];
  const there = siblingsFor(order);
  const missing = wanted.find(
    (name) => !there.some(({ project }) => siblingKey(fullName(project)) === siblingKey(name)),
  );
  if (missing !== undefined) return `the sibling ${inlineCode(missing)} has no commit that was decided for this build`;
  const hostile = there.find(({ project }) => !isSafeName(project));
  if (hostile) return `the sibling ${inlineCode(fullName(hostile.project))} has a name that cannot be a folder here`;
  const refusals = there.map(({ project }) => whyNotSibling(order.project, project, order.build.trust));
  return refusals.find((because) => because !== null) ?? null;
}

/** Why one project's image must not hold another's code, as a sentence; null when it may. */
export function whyNotSibling(own: Project, sibling: Project, trust: BuildOrder['build']['trust']): string | null {
  const name = inlineCode(fullName(sibling));
  if (sibling.id === own.id) return `the sibling ${name} is this repository itself: leave it out`;
  if (sibling.installation !== own.installation)
    return `the sibling ${name} belongs to another account: only repositories of the same installation of the App can be siblings`;
  if (sibling.private && trust === 'untrusted')
    return `the sibling ${name} is private, and nobody approved this code, which could show it to everybody: somebody with write permission can approve exactly this head with \`/ok-to-test\` and its full SHA`;
  return null;
}

function isSafeName({ owner, name }: Project): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/.test(owner) && /^(?!\.{1,2}$|\.git$)[A-Za-z0-9._-]{1,100}$/i.test(name);
}
