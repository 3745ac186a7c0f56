/** A symbolic link that leads out of where it may lead. */
export interface LeavingLink {
  readonly path: string;
  readonly target: string;
  readonly leaves: 'repository' | 'context';
}

const mostHops = 40;

/**
 * The first link that leaves the repository, or, for one inside the context, the context (intake A16, builders.md:98). Other links
 * on the way are followed as the kernel would; a link to nothing is harmless as long as it stays inside.
 */
export function findLeavingLink(links: ReadonlyMap<string, string>, context: string): LeavingLink | null {
  for (const [path, target] of links) {
    if (leaves(links, path, '')) return { path, target, leaves: 'repository' };
    const inContext = context !== '.' && path.startsWith(`${context}/`);
    if (inContext && leaves(links, path, context)) return { path, target, leaves: 'context' };
  }
  return null;
}

function leaves(links: ReadonlyMap<string, string>, path: string, boundary: string): boolean {
  const place = path.split('/').slice(0, -1);
  const ahead = (links.get(path) ?? '').split('/').reverse();
  if (ahead.at(-1) === '' && ahead.length > 1) return true;
  for (let hops = 0; ahead.length > 0; ) {
    const part = ahead.pop() ?? '';
    if (part === '' || part === '.') continue;
    if (part === '..') {
      if (place.pop() === undefined) return true;
    } else place.push(part);
    const here = place.join('/');
    const target = part === '..' ? undefined : links.get(here);
    if (target !== undefined) {
      hops += 1;
      // A circle: whoever opens it gets an error.
      if (hops > mostHops) return false;
      if (target.startsWith('/')) return true;
      place.pop();
      ahead.push(...target.split('/').reverse());
    } else if (!isInside(here, boundary)) return true;
  }
  return false;
}

function isInside(path: string, boundary: string): boolean {
  return boundary === '' || path === boundary || path.startsWith(`${boundary}/`);
}
