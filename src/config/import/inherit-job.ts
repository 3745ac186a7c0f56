import { quote } from '../problems/finding.ts';
import { entriesOf, itemsOf, type Tell, textOf, type Written } from './written.ts';

/** A job with what it inherits within what was read, and what the place that names it adds. */
export interface ZuulJob {
  readonly name: string;
  /** Where it is defined; where it is named, when it is defined elsewhere. */
  readonly defined: Written;
  /** Each with the place where it was written last. */
  readonly attributes: ReadonlyMap<string, Written>;
  readonly vars: ReadonlyMap<string, Written>;
  readonly requiredProjects: readonly Written[];
  readonly secrets: readonly Written[];
  /** Its own name first; the last one is not in what was read. */
  readonly lineage: readonly string[];
}

const longestLineage = 50;
/** What is merged rather than replaced (zuul-ci.org, job). */
const merged = ['vars', 'required-projects', 'secrets'];
/** What belongs to one definition alone. */
const own = ['name', 'parent', 'abstract', 'description', 'final'];

/** `named` is how a pipeline names it, with changes of its own; `projectVars` count less than the job's. */
export function inheritJob(
  name: string,
  named: Written,
  jobs: ReadonlyMap<string, Written>,
  projectVars: ReadonlyMap<string, Written>,
  tell: Tell,
): ZuulJob {
  const lineage = [name];
  const layers: Written[] = [named];
  for (let at = jobs.get(name); at !== undefined; ) {
    layers.push(at);
    const parent = textOf(entriesOf(at).get('parent'));
    if (parent === null) break;
    if (lineage.includes(parent) || lineage.length >= longestLineage) {
      tell(at, `the parent ${quote(parent)} leads back here: it is not followed`);
      break;
    }
    lineage.push(parent);
    at = jobs.get(parent);
  }
  const defined = jobs.get(name) ?? named;
  return { name, defined, lineage, ...mergeLayers(layers.reverse(), projectVars) };
}

function mergeLayers(layers: readonly Written[], projectVars: ReadonlyMap<string, Written>) {
  const attributes = new Map<string, Written>();
  const vars = new Map(projectVars);
  const requiredProjects: Written[] = [];
  const secrets: Written[] = [];
  for (const layer of layers) {
    for (const [key, value] of entriesOf(layer)) {
      if (key === 'vars') for (const [variable, each] of entriesOf(value)) vars.set(variable, each);
      else if (key === 'required-projects') requiredProjects.push(...itemsOf(value));
      else if (key === 'secrets') secrets.push(...itemsOf(value));
      else if (!own.includes(key) && !merged.includes(key)) attributes.set(key, value);
    }
  }
  return { attributes, vars, requiredProjects, secrets };
}
