import { definitionDigest } from '../../model/build.ts';
import type { BuildOrder } from '../../model/order.ts';
import { podKeys } from '../../model/pod.ts';
import { fullName } from '../../model/project.ts';
import { shownReplacements } from '../from/show-replaced.ts';
import { secretsOf } from './job-secrets.ts';
import { siblingsFor } from './siblings.ts';

const legal = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
const hashed = /\.h[0-9a-f]{16}$/;

/** The text itself where Kubernetes takes it as a label's value, else its beginning and a hash: different texts stay different (intake A29). */
export function labelValue(text: string): string {
  if (legal.test(text) && !hashed.test(text)) return text;
  const words = text
    .replace(/[^A-Za-z0-9]+/g, '-')
    .slice(0, 40)
    .replace(/^-+|-+$/g, '');
  return `${words === '' ? 'x' : words}.h${definitionDigest(text).slice(0, 16)}`;
}

/** By which a person finds the pods of a job, a change or a class of trust; what must be exact is in the annotations. */
export function labelsFor(order: BuildOrder, owner: string): Record<string, string> {
  const { parts, trust, id } = order.build;
  const { image, target, platform } = parts.point;
  const labels: Record<string, string | undefined> = {
    [podKeys.build]: id,
    [podKeys.owner]: owner,
    [podKeys.subject]: parts.subject,
    [podKeys.commit]: parts.commit,
    [podKeys.tree]: order.checkout.tree,
    'sluice.dev/job': parts.job,
    'sluice.dev/trust': trust,
    // The one of all is not worth a word.
    'sluice.dev/pool': order.job.pool === 'default' ? undefined : order.job.pool,
    'sluice.dev/request': String(parts.request),
    'sluice.dev/attempt': String(parts.attempt),
    'sluice.dev/definition': parts.definition,
    'sluice.dev/image': image,
    'sluice.dev/target': target,
    'sluice.dev/platform': platform,
  };
  return Object.fromEntries(
    Object.entries(labels).flatMap(([key, value]) => (value === undefined ? [] : [[key, labelValue(value)]])),
  );
}

/** The same and more, word for word: from these a Build is recognised after a loss. */
export function annotationsFor(order: BuildOrder): Record<string, string> {
  const { parts } = order.build;
  const { content } = order.job;
  const secrets = [...new Set(secretsOf(order).map(({ secret }) => secret))];
  const siblings = siblingsFor(order).map(({ project, commit }) => `${fullName(project)}@${commit}`);
  return {
    [podKeys.subject]: parts.subject,
    [podKeys.commit]: parts.commit,
    [podKeys.tree]: order.checkout.tree,
    'sluice.dev/project': fullName(order.project),
    'sluice.dev/project-id': String(order.project.id),
    'sluice.dev/job': parts.job,
    'sluice.dev/entry': parts.entry,
    'sluice.dev/point': JSON.stringify(parts.point),
    'sluice.dev/definition': parts.definition,
    ...fromAnnotation(order),
    ...(siblings.length > 0 ? { 'sluice.dev/siblings': siblings.join(' ') } : {}),
    ...(content.template === 'run' ? { [jobImageKey]: content.image } : {}),
    ...(secrets.length > 0 ? { [secretsKey]: secrets.join(' ') } : {}),
  };
}

/** Names of the secrets that a pod was given, for whoever masks its log. */
export const secretsKey = 'sluice.dev/secrets';

/** Tells which image is the author's when a runtime names only the one it could not get. */
export const jobImageKey = 'sluice.dev/job-image';

/** For people: the pod says by itself that it builds other lines than the repository has. */
function fromAnnotation({ image }: BuildOrder): Record<string, string> {
  const lines = shownReplacements(image).replaced?.lines ?? [];
  if (lines.length === 0) return {};
  const said = lines.map(
    ({ line, was, becomes, because }) => `line ${line}: ${was.trim()} -> ${becomes.trim()} (${because})`,
  );
  return { 'sluice.dev/from': said.join('\n') };
}
