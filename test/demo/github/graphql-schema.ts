import { readFileSync } from 'node:fs';
import { type ArgumentValue, parseDocument, type Selection } from '../../../src/demo/github/graphql-parse.ts';

interface TypeRef {
  readonly kind: string;
  readonly name: string | null;
  readonly ofType: TypeRef | null;
}

interface Input {
  readonly name: string;
  readonly type: TypeRef;
  readonly defaultValue: string | null;
}

interface Type {
  readonly name: string;
  readonly fields: readonly { readonly name: string; readonly args: readonly Input[]; readonly type: TypeRef }[] | null;
  readonly inputFields: readonly Input[] | null;
  readonly possibleTypes: readonly { readonly name: string }[] | null;
}

// Read from its place: the package's own entry needs a GraphQL library that is not installed.
const path = new URL('../../../node_modules/@octokit/graphql-schema/schema.json', import.meta.url);
const schema = JSON.parse(readFileSync(path, 'utf8')) as {
  readonly __schema?: { types: readonly Type[] };
  readonly data?: { __schema: { types: readonly Type[] } };
};
const types = new Map((schema.__schema ?? schema.data?.__schema)?.types.map((type) => [type.name, type]));

/** What in a document breaks the schema that GitHub publishes; empty if nothing does. */
export function documentErrors(text: string): string[] {
  const { operation, variables, fields } = parseDocument(text);
  return fieldErrors(operation === 'mutation' ? 'Mutation' : 'Query', fields, variables);
}

type Variables = Readonly<Record<string, string>>;

function fieldErrors(typeName: string, fields: readonly Selection[], variables: Variables): string[] {
  return fields.flatMap((selection) => {
    if (selection.kind === 'fragment') {
      const possible = types.get(typeName)?.possibleTypes?.map(({ name }) => name) ?? [typeName];
      if (selection.on !== typeName && !possible.includes(selection.on))
        return [`${selection.on} can not be a ${typeName}`];
      return fieldErrors(selection.on, selection.fields, variables);
    }
    return selection.name === '__typename' ? [] : oneFieldErrors(typeName, selection, variables);
  });
}

function oneFieldErrors(
  typeName: string,
  selection: Extract<Selection, { kind: 'field' }>,
  variables: Variables,
): string[] {
  const field = types.get(typeName)?.fields?.find(({ name }) => name === selection.name);
  if (!field) return [`${typeName} has no field ${selection.name}`];
  const where = `${typeName}.${selection.name}`;
  const args = argumentErrors(where, field.args, selection.args, variables);
  const inner = types.get(nameOf(field.type));
  const isObject = Boolean(inner?.fields ?? inner?.possibleTypes);
  if (isObject && selection.fields.length === 0) return [...args, `${where} needs fields of its own`];
  if (!isObject && selection.fields.length > 0) return [...args, `${where} has no fields`];
  return [...args, ...fieldErrors(nameOf(field.type), selection.fields, variables)];
}

function argumentErrors(
  where: string,
  known: readonly Input[],
  given: Readonly<Record<string, ArgumentValue>>,
  variables: Variables,
): string[] {
  const unknown = Object.keys(given).filter((name) => !known.some((input) => input.name === name));
  return [
    ...unknown.map((name) => `${where} has no argument ${name}`),
    ...known.flatMap((input) => {
      const value = given[input.name];
      if (value === undefined) {
        return input.type.kind === 'NON_NULL' && input.defaultValue === null
          ? [`${where}: argument ${input.name} is missing`]
          : [];
      }
      if ('object' in value)
        return argumentErrors(
          `${where}.${input.name}`,
          types.get(nameOf(input.type))?.inputFields ?? [],
          value.object,
          variables,
        );
      const wanted = written(input.type);
      const type = 'variable' in value ? (variables[value.variable] ?? 'not declared') : null;
      if (type === null || type === wanted || type === `${wanted}!`) return [];
      return 'variable' in value ? [`${where}: ${input.name} is ${wanted}, $${value.variable} is ${type}`] : [];
    }),
  ];
}

function nameOf(type: TypeRef): string {
  return type.ofType ? nameOf(type.ofType) : (type.name ?? '');
}

function written(type: TypeRef): string {
  if (type.kind === 'NON_NULL' && type.ofType) return `${written(type.ofType)}!`;
  return type.kind === 'LIST' && type.ofType ? `[${written(type.ofType)}]` : (type.name ?? '');
}
