import { byText } from './question.ts';

/** One change depends on another; both by whatever names them uniquely. */
export interface DependencyEdge {
  readonly change: string;
  readonly dependsOn: string;
}

type Graph = ReadonlyMap<string, readonly string[]>;

function graphOf(edges: readonly DependencyEdge[]): Graph {
  const graph = new Map<string, Set<string>>();
  for (const { change, dependsOn } of edges) graph.set(change, (graph.get(change) ?? new Set()).add(dependsOn));
  return new Map([...graph].map(([change, others]) => [change, [...others].sort(byText)]));
}

/** The shortest way from a change back to itself; of equally short ones, the first by name. */
function wayBack(graph: Graph, start: string): string[] | null {
  const cameFrom = new Map<string, string>();
  let edge = [start];
  while (edge.length > 0) {
    const next: string[] = [];
    for (const at of edge) {
      for (const to of graph.get(at) ?? []) {
        if (to === start) return walked(cameFrom, start, at);
        if (cameFrom.has(to)) continue;
        cameFrom.set(to, at);
        next.push(to);
      }
    }
    edge = next;
  }
  return null;
}

function walked(cameFrom: ReadonlyMap<string, string>, start: string, last: string): string[] {
  const way: string[] = [];
  for (let at: string | undefined = last; at !== undefined && at !== start; at = cameFrom.get(at)) way.push(at);
  return [start, ...way.reverse()];
}

/**
 * The members of a cycle, each before the one that it depends on, or null where there is none. The same edges in any order
 * give the same answer: the shortest cycle through the first change by name that is in one, or through the change given.
 */
export function findCycle(edges: readonly DependencyEdge[], through: string | null = null): readonly string[] | null {
  const graph = graphOf(edges);
  const starts = through === null ? [...graph.keys()].sort(byText) : [through];
  for (const start of starts) {
    const cycle = wayBack(graph, start);
    if (cycle) return cycle;
  }
  return null;
}
