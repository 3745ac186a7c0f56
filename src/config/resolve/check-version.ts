import { parseVersion } from '../../core/version/read-version.ts';
import { type Path, quote } from '../problems/finding.ts';
import { nearestName } from '../problems/nearest-name.ts';
import { leavesRepository, normalisePath } from '../schema/paths.ts';
import { placeholdersOf } from '../schema/templates.ts';
import type { WrittenVersion } from '../schema/version.ts';
import type { Entries, JobEntry, Report } from './read-entries.ts';
import { reportRepeated } from './report-repeated.ts';
import { schemeOf } from './resolve-version.ts';

/** Values that are the same for every version, so that a tag with only these would be set by each. */
const sameForAll = ['branch', 'image', 'target'];
/** Values that nothing of a version has. */
const foreign = ['tag', 'goMod.version'];

/** What is wrong between the keys of `version:`, and between it and the jobs; what is wrong in one key was told before. */
export function checkVersion({ version }: Entries, jobs: readonly JobEntry[], report: Report): void {
  const { written, damaged } = version;
  if (written === null) return;
  checkFiles(written, report);
  // A version is read by its scheme.
  if (!damaged.has('scheme')) checkFallback(written, report);
  checkTags(written, report);
  checkImmutable(written, report);
  checkNeeds(written, jobs, report);
  reportRepeated([written.releaseBranches ?? []].flat(), ['version', 'releaseBranches'], report);
  reportRepeated(written.release?.initiators ?? [], ['version', 'release', 'initiators'], report);
}

function checkFiles({ file, components }: WrittenVersion, report: Report): void {
  if (file !== undefined && components !== undefined) {
    const message = '`file` and `components` stand together';
    report({ path: ['version', 'file'], at: 'key', message, hint: 'make it one of the components, or keep it alone' });
  }
  const named = Object.entries(components ?? {});
  if (components !== undefined && named.length === 0) {
    const hint = 'write `components: { api: { file: api/VERSION } }`, or `file: VERSION`';
    report({ path: ['version', 'components'], at: 'value', message: 'names no component', hint });
  }
  const places: readonly (readonly [Path, string])[] = [
    ...(file === undefined ? [] : [[['version', 'file'], file] as const]),
    ...named.map(([name, each]) => [['version', 'components', name, 'file'], each.file] as const),
  ];
  const owners = new Map<string, string>();
  for (const [path, text] of places) {
    if (text.split('/').includes('..') && leavesRepository('.', text)) {
      const hint = 'paths are counted from the root of the repository';
      report({ path, at: 'value', message: `${quote(text)} is not inside the repository`, hint });
    }
    const owner = owners.get(normalisePath(text));
    owners.set(normalisePath(text), String(path.at(-2)));
    if (owner === undefined) continue;
    const message = `${quote(text)} holds the version of \`${owner}\` already`;
    report({ path, at: 'value', message, hint: 'each component has a file of its own' });
  }
}

function checkFallback({ dev, scheme }: WrittenVersion, report: Report): void {
  if (dev?.fallback === undefined) return;
  const found = parseVersion(dev.fallback, schemeOf(scheme));
  if (typeof found !== 'string') return;
  report({ path: ['version', 'dev', 'fallback'], at: 'value', message: found, hint: 'write it as 0.0.0-dev' });
}

function checkTags({ dev, release }: WrittenVersion, report: Report): void {
  const lists: readonly (readonly [Path, readonly string[]])[] = [
    [['version', 'dev', 'tags'], dev?.tags ?? []],
    [['version', 'release', 'tags'], release?.tags ?? []],
    [['version', 'release', 'moving'], release?.moving ?? []],
  ];
  for (const [path, tags] of lists) {
    reportRepeated(tags, path, report);
    for (const [index, tag] of tags.entries()) {
      const name = placeholdersOf(tag).find((each) => foreign.includes(each));
      if (name === undefined) continue;
      const hint = 'a version has {{ v }}, {{ major }}, {{ minor }}, {{ patch }} and {{ sha }}';
      report({ path: [...path, index], at: 'value', message: `{{ ${name} }} is not known of a version`, hint });
    }
  }
  for (const [index, tag] of (release?.tags ?? []).entries()) {
    if (placeholdersOf(tag).some((name) => !sameForAll.includes(name))) continue;
    const message = `every release would be tagged ${quote(tag)}, and tags of a release are never overwritten`;
    report({ path: ['version', 'release', 'tags', index], at: 'value', message, hint: 'write it under `moving`' });
  }
}

function checkImmutable({ dev }: WrittenVersion, report: Report): void {
  for (const [index, tag] of (dev?.immutable ?? []).entries()) {
    const path = ['version', 'dev', 'immutable', index];
    const tags = dev?.tags;
    if (tags !== undefined && !tags.includes(tag))
      report({ path, at: 'value', message: `${quote(tag)} is none of \`tags\``, hint: 'name it there too' });
    else if (!placeholdersOf(tag).includes('sha')) {
      const message = `${quote(tag)} is the same for several commits, so that it cannot stay where it is`;
      report({ path, at: 'value', message, hint: 'a tag that never moves names {{ sha }}' });
    }
  }
}

function checkNeeds({ release }: WrittenVersion, jobs: readonly JobEntry[], report: Report): void {
  const names = jobs.filter((job) => !job.isRemoved).map((job) => job.name);
  for (const [index, name] of (release?.needs ?? []).entries()) {
    if (names.includes(name)) continue;
    const near = nearestName(name, names);
    const hint =
      near === null ? `jobs here: ${names.map((each) => `\`${each}\``).join(', ')}` : `did you mean \`${near}\`?`;
    report({
      path: ['version', 'release', 'needs', index],
      at: 'value',
      message: `there is no job ${quote(name)}`,
      hint: names.length === 0 ? null : hint,
    });
  }
}
