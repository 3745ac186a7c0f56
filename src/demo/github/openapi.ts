import { readFileSync } from 'node:fs';

/** A JSON schema or a part of one. */
export type Schema = { readonly [key: string]: unknown };

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly schema: Schema;
}

/** One operation of GitHub's description, its references to parameters and responses resolved. */
export interface Operation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly body: { readonly required: boolean; readonly schema: Schema } | null;
  /** Status → schema of its JSON; null for a status without one. */
  readonly responses: ReadonlyMap<number, Schema | null>;
}

interface RawOperation {
  readonly operationId: string;
  readonly parameters?: readonly Schema[];
  readonly requestBody?: { readonly required?: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, Schema>>;
}

type Content = Readonly<Record<string, { readonly schema?: Schema }>>;

interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, RawOperation>>>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, Schema>>>>;
}

const text = readFileSync(new URL('./openapi.json', import.meta.url), 'utf8');
const description = JSON.parse(text) as Description;

/** `#/components/schemas/x` → schema, in the draft that ajv speaks. */
export const schemas: ReadonlyMap<string, Schema> = new Map(
  Object.entries(description.components.schemas ?? {}).map(([name, schema]) => [name, withNull(schema)]),
);

export const operations: readonly Operation[] = Object.entries(description.paths).flatMap(([path, methods]) =>
  Object.entries(methods)
    .filter(([, raw]) => typeof raw === 'object' && 'operationId' in raw)
    .map(([method, raw]) => toOperation(path, method, raw)),
);

function toOperation(path: string, method: string, raw: RawOperation): Operation {
  const body = raw.requestBody;
  return {
    id: raw.operationId,
    method: method.toUpperCase(),
    path,
    parameters: (raw.parameters ?? []).map(toParameter),
    body: body ? { required: body.required === true, schema: jsonSchema(body.content) ?? {} } : null,
    responses: new Map(
      Object.entries(raw.responses).map(([status, response]) => [Number(status), responseSchema(response)]),
    ),
  };
}

function toParameter(raw: Schema): Parameter {
  const { name, in: place, required, schema } = resolve(raw, 'parameters');
  return {
    name: String(name),
    in: place as Parameter['in'],
    required: required === true,
    schema: withNull(schema as Schema),
  };
}

function responseSchema(raw: Schema): Schema | null {
  return jsonSchema((resolve(raw, 'responses').content ?? {}) as Content);
}

function jsonSchema(content: Content): Schema | null {
  const schema = content['application/json']?.schema;
  return schema ? withNull(schema) : null;
}

function resolve(raw: Schema, kind: string): Schema {
  const reference = raw.$ref;
  if (typeof reference !== 'string') return raw;
  const found = description.components[kind]?.[reference.split('/').at(-1) ?? ''];
  if (!found) throw new Error(`openapi.json: ${reference} points nowhere`);
  return found;
}

// OpenAPI 3.0 says `nullable`, JSON schema has null as a type of its own.
function withNull(schema: Schema): Schema {
  const { nullable, ...rest } = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, convert(key, value)]),
  );
  if (nullable !== true) return rest;
  const values = Array.isArray(rest.enum) ? { enum: [...new Set([...(rest.enum as unknown[]), null])] } : {};
  return typeof rest.type === 'string' && !('$ref' in rest)
    ? { ...rest, ...values, type: [rest.type, 'null'] }
    : { anyOf: [rest, { type: 'null' }] };
}

function convert(key: string, value: unknown): unknown {
  if (key === '$ref' && typeof value === 'string') return value.replace('#/components/schemas/', 'github:');
  if (key === 'enum' || key === 'required' || key === 'default' || key === 'example') return value;
  if (Array.isArray(value)) return value.map((item) => convert('', item));
  return typeof value === 'object' && value !== null ? withNull(value as Schema) : value;
}
