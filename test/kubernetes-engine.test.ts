import { expect, it } from 'vitest';
import { clusterBuilder } from '../src/kubernetes-engine.ts';

const none = { builder: null, stepImage: 's:1', kanikoImage: null, buildkitImage: null, buildkitForm: null };

it.each([
  [{ kanikoImage: 'k:1' }, { builder: 'kaniko', image: 'k:1', form: null }],
  [
    { builder: 'buildkit', buildkitImage: 'b:1' },
    { builder: 'buildkit', image: 'b:1', form: 'user-namespace' },
  ],
  [
    { builder: 'buildkit', buildkitImage: 'b:1', buildkitForm: 'rootless' },
    { builder: 'buildkit', image: 'b:1', form: 'rootless' },
  ],
])('%j builds with %j', (said, expected) => {
  expect(clusterBuilder({ ...none, ...said })).toEqual({ ...expected, stepImage: 's:1' });
});

it.each([
  [{}, 'SLUICE_STEP_IMAGE and SLUICE_KANIKO_IMAGE must name'],
  [
    { builder: 'buildkit', kanikoImage: 'k:1' },
    'SLUICE_STEP_IMAGE and SLUICE_BUILDKIT_IMAGE must name the images of our steps and of buildkit',
  ],
  [{ kanikoImage: 'k:1', stepImage: null }, 'SLUICE_STEP_IMAGE and SLUICE_KANIKO_IMAGE must name'],
  [{ builder: 'buildah' }, 'SLUICE_BUILDER is "buildah": write kaniko or buildkit'],
  [
    { builder: 'buildkit', buildkitImage: 'b:1', buildkitForm: 'root' },
    'SLUICE_BUILDKIT_FORM is "root": write user-namespace or rootless',
  ],
])('%j is refused', (said, because) => {
  expect(() => clusterBuilder({ ...none, ...said })).toThrow(because);
});
