import type { BuildOrder, PoolSettings, ResolvedImage } from '../../model/order.ts';
import { fullName } from '../../model/project.ts';
import { goVersionName } from '../from/judge-image.ts';
import { siblingsFor } from '../pod/siblings.ts';
import { fillTemplate } from './fill-template.ts';
import type { BuilderOptions } from './options.ts';

const sourceLabel = 'org.opencontainers.image.source';
const revisionLabel = 'org.opencontainers.image.revision';

/** What an image may name in `{{ … }}` of its labels and build arguments, as far as this order knows it. */
export function templateValues(order: BuildOrder, resolved: ResolvedImage): Readonly<Record<string, string>> {
  return {
    sha: order.build.parts.commit,
    image: resolved.image.name,
    target: resolved.target ?? '',
    ...(resolved.goVersion === undefined ? {} : { [goVersionName]: resolved.goVersion }),
  };
}

/** An image's build for any builder. Texts that name values which nobody knows yet stay as they are (`whyNotRender` refuses them before). */
export function builderOptionsFor(
  order: BuildOrder,
  resolved: ResolvedImage,
  pool: Pick<PoolSettings, 'registryMaps' | 'insecureRegistries'>,
  places: { readonly root: string; readonly layout: string; readonly rewritten: string },
): BuilderOptions {
  const values = templateValues(order, resolved);
  const fill = (texts: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
    Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, fillTemplate(text, values).text]));
  return {
    root: places.root,
    layout: places.layout,
    rewritten: (resolved.replaced ?? []).length === 0 ? null : places.rewritten,
    context: resolved.image.context,
    containerFile: resolved.containerFile,
    target: resolved.target,
    buildArgs: { ...fill(resolved.image.buildArgs), ...siblingsArgument(order) },
    labels: { ...ownLabels(order), ...fill(resolved.image.labels) },
    platform: resolved.platform,
    registryMaps: pool.registryMaps,
    insecureRegistries: pool.insecureRegistries,
  };
}

/** `SIBLINGS` lists what lies in `.siblings/` of the context. */
function siblingsArgument(order: BuildOrder): Record<string, string> {
  const names = siblingsFor(order).map(({ project }) => fullName(project));
  return names.length === 0 ? {} : { SIBLINGS: names.join(' ') };
}

/** The revision is named only where the built commit is a landed one: a merge that was made for a test is nowhere (images.md:18). */
function ownLabels({ checkout, build }: BuildOrder): Record<string, string> {
  const source = { [sourceLabel]: checkout.cloneUrl.replace(/\.git$/, '') };
  const landed = checkout.heads.length === 0 && build.trust === 'trusted';
  return landed ? { ...source, [revisionLabel]: checkout.base } : source;
}
