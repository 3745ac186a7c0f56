import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const source = join(root, 'src');

/** The import table of src/README.md as data: which rooms a room may import, and which packages. */
const rooms: Readonly<
  Record<string, { readonly rooms: readonly string[]; readonly packages: readonly string[] | 'any' }>
> = {
  model: { rooms: [], packages: ['node:crypto'] },
  core: { rooms: ['model'], packages: [] },
  ports: { rooms: ['model'], packages: [] },
  config: { rooms: ['model', 'core'], packages: ['yaml', 'zod', 're2js', 'node:fs/promises', 'node:path'] },
  adapters: { rooms: ['model', 'ports'], packages: 'any' },
  app: { rooms: ['model', 'core', 'config', 'ports'], packages: [] },
  http: { rooms: ['model', 'core', 'config', 'ports', 'app'], packages: ['fastify', 'node:'] },
  cli: { rooms: ['model', 'core', 'config', 'ports', 'app'], packages: ['commander', 'listr2', 'node:'] },
  demo: { rooms: ['model', 'core', 'config', 'ports', 'app', 'http', 'cli', 'adapters'], packages: 'any' },
  main: { rooms: ['model', 'core', 'config', 'ports', 'app', 'http', 'cli', 'adapters', 'demo'], packages: 'any' },
};

/** What each adapter's outside system speaks through; an adapter of another system may not use it. */
const clients: Readonly<Record<string, readonly string[]>> = {
  github: ['probot', '@octokit/'],
  redis: ['ioredis', 'bullmq', 'js-redis-server'],
  kubernetes: ['@kubernetes/client-node'],
  prometheus: ['prom-client'],
};

const maxLines = 300;
/** Files that may be longer, each with its reason. */
const longer: Readonly<Record<string, string>> = {};

/** The top level of the repository, and the small files that every repository has. */
const topLevel = new Set([
  'src',
  'jobs',
  'charts',
  'test',
  'app.yml',
  'package.json',
  'tsconfig.json',
  'README.md',
  'package-lock.json',
  'LICENSE',
  'Dockerfile',
  '.ci',
  '.gitignore',
  '.dockerignore',
  'biome.json',
  'knip.json',
  'vitest.config.ts',
  'scripts',
]);

interface SourceFile {
  readonly path: string;
  readonly room: string;
  readonly text: string;
  readonly imports: readonly string[];
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : path.endsWith('.ts') ? [path] : [];
  });
}

function roomOf(path: string): string {
  const parts = relative(source, path).split(sep);
  return parts.length === 1 ? 'main' : (parts[0] ?? '');
}

function importsOf(text: string): string[] {
  return [
    ...text.matchAll(/(?:^|\n)\s*(?:import|export)\b[^;'"]*?from\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]/g),
  ].flatMap((match) => match[1] ?? match[2] ?? []);
}

const files: readonly SourceFile[] = filesBelow(source).map((path) => {
  const text = readFileSync(path, 'utf8');
  return { path, room: roomOf(path), text, imports: importsOf(text) };
});

function name(file: SourceFile): string {
  return relative(root, file.path);
}

function target(file: SourceFile, specifier: string): string {
  return resolve(dirname(file.path), specifier);
}

function wrongImports(file: SourceFile): string[] {
  const allowed = rooms[file.room];
  if (!allowed) return [`${name(file)} lies in no room of the table`];
  return file.imports.flatMap((specifier) => {
    if (specifier.startsWith('.')) {
      const other = target(file, specifier);
      if (!other.startsWith(source))
        return file.room === 'main' || file.room === 'demo'
          ? []
          : [`${name(file)} imports ${specifier} from outside src`];
      const room = roomOf(other);
      if (room === file.room)
        return crossesAdapters(file, other) ? [`${name(file)} imports another adapter: ${specifier}`] : [];
      return allowed.rooms.includes(room) ? [] : [`${name(file)} (${file.room}) imports ${room}: ${specifier}`];
    }
    if (allowed.packages === 'any') return wrongClient(file, specifier);
    return allowed.packages.some((known) => specifier === known || (known.endsWith(':') && specifier.startsWith(known)))
      ? []
      : [`${name(file)} (${file.room}) imports the package ${specifier}`];
  });
}

function adapterOf(path: string): string {
  return relative(join(source, 'adapters'), path).split(sep)[0] ?? '';
}

function crossesAdapters(file: SourceFile, other: string): boolean {
  return file.room === 'adapters' && adapterOf(file.path) !== adapterOf(other);
}

function wrongClient(file: SourceFile, specifier: string): string[] {
  if (file.room !== 'adapters' || specifier.startsWith('node:')) return [];
  const own = clients[adapterOf(file.path)] ?? [];
  return own.some((known) => specifier === known || specifier.startsWith(known))
    ? []
    : [`${name(file)} uses ${specifier}, which is not its own client`];
}

/** Types are gone when the program runs, and a dynamic import waits until it is needed: neither makes a cycle. */
function loadedAtOnce(text: string): string[] {
  return [...text.matchAll(/(?:^|\n)\s*(?:import|export)\s+(?!type\b)[^;'"]*?from\s*['"]([^'"]+)['"]/g)].flatMap(
    (match) => match[1] ?? [],
  );
}

function cycles(): string[] {
  const graph = new Map(
    files.map((file) => [
      file.path,
      loadedAtOnce(file.text)
        .filter((to) => to.startsWith('.'))
        .map((to) => target(file, to)),
    ]),
  );
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path))
      found.push([...trail.slice(trail.indexOf(path)), path].map((each) => relative(root, each)).join(' → '));
    else if (!done.has(path)) {
      for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
      done.add(path);
    }
  };
  for (const path of graph.keys()) visit(path, []);
  return found;
}

/** Comments and texts may name what code may not use. */
function codeOf(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\/\/.*$/gm, '')
    .replace(/'(?:[^'\\\n]|\\.)*'/g, "''");
}

describe('the rooms of the code', () => {
  it('import only what the table allows', () => {
    expect(files.length).toBeGreaterThan(50);
    expect(files.flatMap(wrongImports)).toEqual([]);
  });

  it('have no import cycle', () => {
    expect(cycles()).toEqual([]);
  });

  it(`have no file over ${maxLines} lines without a reason`, () => {
    const long = files.filter(
      (file) => file.text.split('\n').length > maxLines + 1 && longer[name(file)] === undefined,
    );
    expect(long.map((file) => `${name(file)}: ${file.text.split('\n').length}`)).toEqual([]);
  });

  it('have no folder or file whose name says nothing', () => {
    const vague = /(^|\/)(utils?|helpers?|common|lib|misc|shared)(\/|\.ts$)/;
    expect(files.map(name).filter((path) => vague.test(path))).toEqual([]);
  });

  it('have no default export and no file that only re-exports', () => {
    const onlyReexports = (text: string) =>
      codeOf(text)
        .split(/;\s*/)
        .every((part) => part.trim() === '' || /^export\s+(type\s+)?(\*|\{[\s\S]*\})\s+from\b/.test(part.trim()));
    expect(
      files.filter((file) => /\bexport default\b/.test(codeOf(file.text)) || onlyReexports(file.text)).map(name),
    ).toEqual([]);
  });

  it('decide without clock, chance, environment, timers or network in model and core', () => {
    const impure =
      /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bprocess\.|\bsetTimeout\b|\bsetInterval\b|\bfetch\(|\basync\b|\bawait\b|\bconsole\./;
    const found = files.filter(
      (file) => (file.room === 'model' || file.room === 'core') && impure.test(codeOf(file.text)),
    );
    expect(found.map((file) => `${name(file)}: ${impure.exec(codeOf(file.text))?.[0]}`)).toEqual([]);
  });

  it('read the environment only in main', () => {
    const found = files.filter((file) => file.room !== 'main' && /\bprocess\.env\b/.test(codeOf(file.text)));
    expect(found.map(name)).toEqual([]);
  });
});

describe('the repository', () => {
  it('has nothing else at its top level', () => {
    const ignored = new Set(['.git', 'node_modules', '.sluice', '.vitest', 'dist', 'coverage']);
    expect(readdirSync(root).filter((entry) => !topLevel.has(entry) && !ignored.has(entry))).toEqual([]);
  });
});
