import type { ArgumentValue, GraphqlDocument, Selection } from './graphql-parse.ts';

export type Arguments = { readonly [name: string]: string | number | boolean | null | undefined | Arguments };

/** An object of the graph: its type's name, and a value or a function of the arguments for each field. */
export interface GraphObject {
  readonly __typename: string;
  readonly [field: string]: GraphValue | ((args: Arguments) => GraphValue | Promise<GraphValue>);
}

export type GraphValue = string | number | boolean | null | GraphObject | readonly GraphValue[];

/** As `errors` of an answer list it. */
export interface GraphqlError {
  readonly type: string;
  readonly message: string;
  readonly path: readonly (string | number)[];
}

/** What a field answers that cannot be given: it is null, with an error, and the rest of the answer stands. */
export function refuseField(type: string, message: string): GraphObject {
  return { __typename: refusal, type, message };
}

const refusal = '(refused)';

interface Run {
  readonly variables: Readonly<Record<string, unknown>>;
  readonly errors: GraphqlError[];
}

// Which types an inline fragment on an interface takes in.
const interfaces: Readonly<Record<string, readonly string[]>> = { Actor: ['User', 'Bot', 'Organization', 'Mannequin'] };

/** Answers a document from the graph below `root`; a field that `root` does not have is an error, never left out. */
export async function executeDocument(
  document: GraphqlDocument,
  root: GraphObject,
  variables: Readonly<Record<string, unknown>>,
): Promise<{ data: unknown; errors: readonly GraphqlError[] }> {
  const run: Run = { variables, errors: [] };
  const data = await project(run, document.fields, root, []);
  return { data, errors: run.errors };
}

type Path = readonly (string | number)[];

async function project(
  run: Run,
  fields: readonly Selection[],
  object: GraphObject,
  path: Path,
): Promise<Record<string, unknown>> {
  const answer: Record<string, unknown> = {};
  for (const selection of fields) {
    if (selection.kind === 'fragment') {
      if (applies(selection.on, object)) Object.assign(answer, await project(run, selection.fields, object, path));
      continue;
    }
    answer[selection.alias] = await answerField(run, selection, object, [...path, selection.alias]);
  }
  return answer;
}

function applies(on: string, object: GraphObject): boolean {
  return on === object.__typename || (interfaces[on] ?? []).includes(object.__typename);
}

async function answerField(
  run: Run,
  selection: Extract<Selection, { kind: 'field' }>,
  object: GraphObject,
  path: Path,
): Promise<unknown> {
  const value = object[selection.name];
  if (value === undefined) {
    const message = `Field '${selection.name}' is not built on type '${object.__typename}'`;
    run.errors.push({ type: 'undefinedField', message, path });
    return null;
  }
  const given = typeof value === 'function' ? await value(argumentsOf(run, selection.args)) : value;
  return complete(run, selection.fields, given, path);
}

function argumentsOf(run: Run, args: Readonly<Record<string, ArgumentValue>>): Arguments {
  const entries = Object.entries(args).map(([name, given]) => [name, argumentValue(run, given)]);
  return Object.fromEntries(entries) as Arguments;
}

function argumentValue(run: Run, given: ArgumentValue): unknown {
  if ('object' in given) return argumentsOf(run, given.object);
  return 'variable' in given ? run.variables[given.variable] : given.value;
}

async function complete(run: Run, fields: readonly Selection[], value: GraphValue, path: Path): Promise<unknown> {
  if (isList(value)) return Promise.all(value.map((item, index) => complete(run, fields, item, [...path, index])));
  if (typeof value !== 'object' || value === null) return value;
  if (value.__typename !== refusal) return project(run, fields, value, path);
  run.errors.push({ type: String(value.type), message: String(value.message), path });
  return null;
}

function isList(value: GraphValue): value is readonly GraphValue[] {
  return Array.isArray(value);
}
