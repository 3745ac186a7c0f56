import { configFile } from '../../../model/config.ts';

/** What decides what is built, and with which versions of everything else; lower case. */
const names: ReadonlySet<string> = new Set([
  configFile,
  '.gitattributes',
  '.gitmodules',
  // Lock files.
  'bun.lock',
  'bun.lockb',
  'cargo.lock',
  'composer.lock',
  'conda-lock.yml',
  'deno.lock',
  'flake.lock',
  'gemfile.lock',
  'go.mod',
  'go.sum',
  'go.work',
  'go.work.sum',
  'gradle.lockfile',
  'libs.versions.toml',
  'mix.lock',
  'module.bazel.lock',
  'npm-shrinkwrap.json',
  'package-lock.json',
  'package.resolved',
  'packages.lock.json',
  'pdm.lock',
  'pipfile.lock',
  'pnpm-lock.yaml',
  'podfile.lock',
  'poetry.lock',
  'pubspec.lock',
  'requirements.txt',
  'uv.lock',
  'yarn.lock',
  '.terraform.lock.hcl',
  // Toolchains.
  '.bazelrc',
  '.bazelversion',
  '.go-version',
  '.java-version',
  '.node-version',
  '.npmrc',
  '.nvmrc',
  '.python-version',
  '.ruby-version',
  '.tool-versions',
  '.yarnrc.yml',
  'flake.nix',
  'global.json',
  'gradle-wrapper.properties',
  'mise.toml',
  'module.bazel',
  'rust-toolchain',
  'rust-toolchain.toml',
]);

/** Whether a file counts as read by every job, wherever it lies and whatever jobs declare (scheduling.md §4 "Barrier paths"). */
export function isBarrier(path: string): boolean {
  return names.has(path.slice(path.lastIndexOf('/') + 1).toLowerCase());
}
