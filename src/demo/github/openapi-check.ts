import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { knownDeviations, missingRules, overlapping } from './deviations.ts';
import type { Operation, Schema } from './openapi.ts';
import { schemas } from './openapi.ts';

/** Something that breaks GitHub's published description. */
export interface Violation {
  readonly kind: 'request' | 'response' | 'graphql';
  readonly operation: string;
  readonly method: string;
  readonly path: string;
  readonly errors: readonly string[];
}

const ajv = new Ajv({ strict: false, allErrors: true, allowUnionTypes: true, coerceTypes: false, logger: false });
addFormats.default(ajv);
ajv.addFormat('repo.nwo', /^[^/]+\/[^/]+$/);
ajv.addFormat('timestamp', true);
for (const [name, schema] of schemas)
  ajv.addSchema(overlapping.has(name) ? withAnyOf(schema) : schema, `github:${name}`);

function withAnyOf(value: Schema): Schema {
  const entries = Object.entries(value).map(([key, inner]) => [key === 'oneOf' ? 'anyOf' : key, loosened(inner)]);
  return Object.fromEntries(entries) as Schema;
}

function loosened(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(loosened);
  return typeof value === 'object' && value !== null ? withAnyOf(value as Schema) : value;
}

const compiled = new Map<string, ValidateFunction>();

function errorsOf(key: string, schema: Schema, value: unknown): string[] {
  const validate = compiled.get(key) ?? ajv.compile(schema);
  compiled.set(key, validate);
  return validate(value) ? [] : (validate.errors ?? []).map(describeError);
}

function describeError({ instancePath, message, params }: ErrorObject): string {
  return `${instancePath === '' ? 'the whole' : instancePath} ${message ?? ''} ${JSON.stringify(params)}`;
}

/** What is wrong with the query and the body of a request; empty if nothing is. */
export function requestErrors(operation: Operation, query: URLSearchParams, body: unknown): string[] {
  return [...queryErrors(operation, query), ...bodyErrors(operation, body)];
}

function queryErrors(operation: Operation, query: URLSearchParams): string[] {
  const known = new Map(operation.parameters.filter((p) => p.in === 'query').map((p) => [p.name, p]));
  return [...query].flatMap(([name, text]) => {
    const parameter = known.get(name);
    if (!parameter) return [`query ${name}: not a parameter of ${operation.id}`];
    const key = `${operation.id} query ${name}`;
    return errorsOf(key, parameter.schema, queryValue(parameter.schema, text)).map(
      (error) => `query ${name}: ${error}`,
    );
  });
}

function queryValue(schema: Schema, text: string): unknown {
  if (schema.type === 'integer' && /^-?\d+$/.test(text)) return Number(text);
  if (schema.type === 'boolean' && /^(true|false)$/.test(text)) return text === 'true';
  return text;
}

function bodyErrors(operation: Operation, body: unknown): string[] {
  if (!operation.body) return [];
  if (body === undefined) return operation.body.required ? ['body: missing'] : [];
  const extra = missingRules[operation.id];
  const errors = errorsOf(`${operation.id} body`, operation.body.schema, body);
  return [...errors, ...(extra ? errorsOf(`${operation.id} more`, extra, body) : [])].map((error) => `body: ${error}`);
}

/** What is wrong with an answer; empty if nothing is, and for what `deviations.ts` knows. */
export function responseErrors(operation: Operation, status: number, body: unknown): string[] {
  const schema = operation.responses.get(status);
  if (schema === undefined) return expectedStatus(status) ? [] : [`status ${status} is not in the description`];
  if (schema === null || (body === undefined && status >= 300)) return [];
  const known = knownDeviations[operation.id] ?? [];
  const all = known.concat(knownDeviations['*'] ?? []);
  const errors = errorsOf(`${operation.id} ${status}`, schema, body);
  return errors.filter((error) => !all.some(({ pattern }) => pattern.test(error)));
}

// Every operation can answer these, whether its own list of responses says so or not.
function expectedStatus(status: number): boolean {
  return [301, 304, 307, 400, 401, 403, 404, 405, 406, 409, 410, 415, 422, 429, 501].includes(status) || status >= 500;
}
