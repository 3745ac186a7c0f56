import { expect, it } from 'vitest';
import { imagesOfComponent } from '../../../src/core/version/component-images.ts';
import type { VersionComponent } from '../../../src/model/version-settings.ts';
import { anImage, matchers } from '../../fakes/model-data.ts';

const components: readonly VersionComponent[] = [
  { name: 'api', file: 'api/VERSION', paths: null, tagPrefix: null },
  { name: 'tools', file: 'VERSION', paths: matchers('tools/**'), tagPrefix: null },
  { name: 'web', file: 'web/VERSION', paths: null, tagPrefix: null },
];

it.each`
  image      | context        | component
  ${'api'}   | ${'.'}         | ${'api'}
  ${'web'}   | ${'api'}       | ${'web'}
  ${'shell'} | ${'api'}       | ${'api'}
  ${'other'} | ${'tools/cli'} | ${'tools'}
  ${'other'} | ${'.'}         | ${undefined}
`(
  'the image $image in $context has the version of $component: its name first, then its folder',
  ({ image, context, component }) => {
    const images = [anImage(image, { context })];
    const owners = components.filter((each) => imagesOfComponent(each, components, images).length > 0);
    expect(owners.map(({ name }) => name)).toEqual(component === undefined ? [] : [component]);
  },
);

it('a component without a name has all images', () => {
  const only = { name: null, file: 'VERSION', paths: null, tagPrefix: null };
  const images = [anImage('api'), anImage('web', { context: 'web' })];
  expect(imagesOfComponent(only, [only], images)).toEqual(images);
});
