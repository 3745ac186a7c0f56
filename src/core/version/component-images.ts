import type { Image } from '../../model/image.ts';
import type { ChangedFiles } from '../../model/matcher.ts';
import type { VersionComponent } from '../../model/version-settings.ts';

function owns({ name, file, paths }: VersionComponent, image: Image): boolean {
  if (name === null || name === image.name) return true;
  const folder = image.context === '.' ? '' : `${image.context}/`;
  if (folder !== '' && file.startsWith(folder)) return true;
  return paths?.some((matcher) => image.containerFilename.some((each) => matcher.matches(`${folder}${each}`))) ?? false;
}

/** The images whose version a component holds; of several that would have one, the first of the project does. */
export function imagesOfComponent(
  component: VersionComponent,
  all: readonly VersionComponent[],
  images: readonly Image[],
): readonly Image[] {
  return images.filter((image) => {
    const owner = all.find(({ name }) => name === image.name) ?? all.find((each) => owns(each, image));
    return owner === component;
  });
}

/** What of these changes belongs to the component. */
export function changesOf({ file, paths }: VersionComponent, changed: ChangedFiles): ChangedFiles {
  if (!changed.known || paths === null) return changed;
  const isOwn = (path: string): boolean => path === file || paths.some((matcher) => matcher.matches(path));
  return { known: true, paths: changed.paths.filter(isOwn) };
}
