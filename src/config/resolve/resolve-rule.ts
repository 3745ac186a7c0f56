import type { FromRule, FromUse } from '../../model/from.ts';
import type { WrittenRule } from '../schema/from.ts';
import type { WrittenImage } from '../schema/image.ts';
import { placeholdersOf } from '../schema/templates.ts';

/** What rules may name besides images of elsewhere. */
export interface Bases {
  readonly streams: Readonly<Record<string, string>>;
  readonly images: readonly WrittenImage[];
}

/** Where an image of this file is published whatever is built: its repository with the first tag that names no value; null: nowhere. */
export function publishedAs({ repository, tags }: WrittenImage): string | null {
  const tag = tags.find((each) => placeholdersOf(each).length === 0);
  return repository === undefined || tag === undefined ? null : `${repository}:${tag}`;
}

/** A rule with everything that it can come to, so that a job's definition holds it; the rule was checked before. */
export function resolveRule({ match, use }: WrittenRule, bases: Bases): FromRule {
  return { match, use: typeof use === 'string' ? { kind: 'reference', reference: use } : resolveUse(use, bases) };
}

function resolveUse(use: Exclude<WrittenRule['use'], string>, { streams, images }: Bases): FromUse {
  const { stream, image, reference } = use;
  if (stream !== undefined) {
    const isFixed = placeholdersOf(stream).length === 0;
    const known = Object.entries(streams).filter(([name]) => !isFixed || name === stream);
    return { kind: 'stream', stream, streams: Object.fromEntries(known) };
  }
  if (image === undefined) return { kind: 'reference', reference: reference ?? '' };
  const meant = images.find(({ name }) => name === image);
  return { kind: 'image', image, reference: (meant && publishedAs(meant)) ?? '' };
}
