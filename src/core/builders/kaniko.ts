import { type BuilderOptions, below, builtFile, pairs } from './options.ts';

/**
 * Arguments of kaniko v1.24.0's executor. Nothing is pushed and no cache is used, so it needs no credential (builders.md:21);
 * without `--skip-unused-stages` a broken stage that nothing refers to is red (images.md:37).
 */
export function kanikoArguments(options: BuilderOptions): readonly string[] {
  const { root, context, target, platform, layout } = options;
  return [
    `--context=dir://${below(root, context)}`,
    `--dockerfile=${builtFile(options)}`,
    '--no-push',
    `--oci-layout-path=${layout}`,
    '--digest-file=/dev/termination-log',
    // `redo` compares size and time only: a RUN that replaces a file by another of the same size and second is lost from the image.
    '--snapshot-mode=full',
    '--ignore-path=/product_uuid',
    ...pairs('--build-arg', options.buildArgs),
    ...pairs('--label', options.labels),
    ...(target === null ? [] : [`--target=${target}`]),
    ...(platform === null ? [] : [`--custom-platform=${platform}`]),
    ...options.registryMaps.map((map) => `--registry-map=${map}`),
    ...options.insecureRegistries.map((host) => `--insecure-registry=${host}`),
  ];
}
