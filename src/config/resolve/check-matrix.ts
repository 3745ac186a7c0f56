import { listOf, type Path, quote } from '../problems/finding.ts';
import { nearestName } from '../problems/nearest-name.ts';
import type { WrittenJob } from '../schema/job.ts';
import { type Combination, maxCells, type WrittenMatrix } from '../schema/matrix.ts';
import { imageReference } from '../schema/references.ts';
import { placeholdersOf } from '../schema/templates.ts';
import { axesOf, expandMatrix, isWithin, productOf, sizeOf } from './expand-matrix.ts';
import { isImageTemplate, templateOf } from './job-template.ts';
import type { Report } from './read-entries.ts';
import { reportRepeated } from './report-repeated.ts';

const axisPattern = /^[A-Za-z][A-Za-z0-9_-]{0,62}$/;

/** What is wrong with a job's matrix, and with the places that name a value of it. */
export function checkMatrix(job: WrittenJob, path: Path, report: Report): void {
  const axes = job.matrix === undefined ? new Map<string, readonly string[]>() : axesOf(job.matrix);
  checkNames(job, path, axes, report);
  if (job.matrix === undefined) return;
  const at = [...path, 'matrix'];
  for (const [name, values] of axes) {
    if (!axisPattern.test(name)) {
      const hint = 'begin with a letter; letters, digits, "-" and "_" follow';
      report({ path: [...at, name], at: 'key', message: `${quote(name)} is no name of an axis`, hint });
    }
    reportRepeated(values, [...at, name], report);
  }
  if (axes.size === 0) {
    const hint = 'name an axis with its values: `go: ["1.23", "1.24"]`';
    report({ path: at, at: 'key', message: 'the matrix has no axis', hint });
  } else if (sizeOf(axes) > maxCells * 4) reportTooMany(sizeOf(axes), at, report);
  else checkCombinations(job, job.matrix, axes, at, report);
}

function reportTooMany(count: number, path: Path, report: Report): void {
  const hint = `take values away, or combinations by \`exclude\`: at most ${maxCells}`;
  report({ path, at: 'key', message: `the matrix makes ${count} builds of one job`, hint });
}

function checkCombinations(
  job: WrittenJob,
  matrix: WrittenMatrix,
  axes: ReadonlyMap<string, readonly string[]>,
  at: Path,
  report: Report,
): void {
  const all = productOf(axes);
  for (const key of ['exclude', 'include'] as const)
    for (const [index, combination] of (matrix[key] ?? []).entries())
      checkCombination(key, combination, { axes, all, matrix, index }, [...at, key, index], report);
  const cells = expandMatrix(matrix);
  if (cells.length > maxCells) reportTooMany(cells.length, at, report);
  if (cells.length === 0)
    report({
      path: at,
      at: 'key',
      message: 'nothing is left of the matrix',
      hint: 'exclude less, or include something',
    });
  checkImages(job, cells.slice(0, maxCells), report, [...at.slice(0, -1), 'image']);
  const template = templateOf(job);
  if (cells.length > 1 && isImageTemplate(template)) {
    const hint = 'write `targets` or `platforms` of the image, or list it under `images:` once for each';
    report({
      path: at,
      at: 'key',
      message: `a matrix of several builds means nothing to the template ${template ?? ''}`,
      hint,
    });
  }
}

// What the values make of it is an image in every build.
function checkImages(job: WrittenJob, cells: readonly Combination[], report: Report, path: Path): void {
  const written = job.image ?? '';
  if (!written.includes('matrix.')) return;
  for (const cell of cells) {
    const filled = written.replace(/\{\{\s*matrix\.([\w-]+)\s*\}\}/g, (whole, name: string) => cell[name] ?? whole);
    if (imageReference.safeParse(filled).success) continue;
    const hint = 'let the values of the matrix be parts of an image as docker.io/library/golang:1.24';
    report({ path, at: 'value', message: `makes ${quote(filled)} of the matrix, which is no image`, hint });
    return;
  }
}

interface Around {
  readonly axes: ReadonlyMap<string, readonly string[]>;
  readonly all: readonly Combination[];
  readonly matrix: WrittenMatrix;
  readonly index: number;
}

function checkCombination(
  key: 'include' | 'exclude',
  combination: Combination,
  { axes, all, matrix, index }: Around,
  path: Path,
  report: Report,
): void {
  const names = [...axes.keys()];
  const unknown = Object.keys(combination).filter((name) => !axes.has(name));
  for (const name of unknown) {
    const near = nearestName(name, names);
    const hint = near === null ? `its axes are ${listOf(names, 'and')}` : `did you mean \`${near}\`?`;
    report({ path: [...path, name], at: 'key', message: `the matrix has no axis ${quote(name)}`, hint });
  }
  if (unknown.length > 0) return;
  if (key === 'exclude') {
    if (Object.keys(combination).length > 0 && all.some((cell) => isWithin(cell, combination))) return;
    const hint = 'write values that stand in its axes, or remove it';
    report({ path, at: 'value', message: 'this excludes nothing of the matrix', hint });
    return;
  }
  const missing = names.filter((name) => combination[name] === undefined);
  if (missing.length > 0) {
    const message = `this combination does not say ${listOf(missing, 'and')}`;
    report({ path, at: 'value', message, hint: 'name a value for every axis' });
  }
  const { include = [], exclude = [] } = matrix;
  const before = [...all.filter((cell) => !exclude.some((out) => isWithin(cell, out))), ...include.slice(0, index)];
  if (missing.length === 0 && before.some((cell) => isWithin(cell, combination)))
    report({ path, at: 'value', message: 'this combination is there already', hint: 'remove it' });
}

// A value that nobody gives would stay in the command as it is written.
function checkNames(job: WrittenJob, path: Path, axes: ReadonlyMap<string, readonly string[]>, report: Report): void {
  const texts: readonly (readonly [Path, string])[] = [
    [[...path, 'image'], job.image ?? ''],
    [[...path, 'run'], job.run ?? ''],
    ...Object.entries(job.env ?? {}).map(([name, text]) => [[...path, 'env', name], text] as const),
  ];
  const names = [...axes.keys()];
  for (const [at, text] of texts) {
    const dollar = /\$\{\{\s*(matrix\.[\w-]*)\s*\}\}/.exec(text)?.[1];
    if (dollar !== undefined) {
      const hint = `write {{ ${dollar} }}`;
      report({ path: at, at: 'value', message: 'a value of the matrix is named without "$"', hint });
      continue;
    }
    for (const placeholder of placeholdersOf(text)) {
      const name = /^matrix\.(.*)$/.exec(placeholder)?.[1];
      if (name === undefined || axes.has(name)) continue;
      const near = nearestName(name, names);
      const hint =
        names.length === 0
          ? `write \`matrix: { ${axisPattern.test(name) ? name : 'go'}: [ … ] }\` beside it`
          : near === null
            ? `its axes are ${listOf(names, 'and')}`
            : `did you mean {{ matrix.${near} }}?`;
      const whose = names.length === 0 ? 'the job has no matrix' : 'the matrix has no such axis';
      report({ path: at, at: 'value', message: `names {{ ${placeholder} }}, and ${whose}`, hint });
    }
  }
}
