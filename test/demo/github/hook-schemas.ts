import { schemas } from '@octokit/openapi-webhooks';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

interface Description {
  readonly webhooks: Readonly<Record<string, { readonly post: { readonly requestBody: Body } }>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

interface Body {
  readonly content: { readonly 'application/json': { readonly schema: object } };
}

const description = schemas['api.github.com'] as unknown as Description;
const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: true, logger: false });
addFormats.default(ajv);
ajv.addFormat('uri-template', true);
ajv.addSchema({ $id: 'hooks', components: description.components });

const compiled = new Map<string, ValidateFunction>();

/** What breaks GitHub's description of this webhook; `unknown webhook` if it has none of that name. */
export function hookErrors(event: string, action: string | undefined, payload: unknown): string[] {
  const name = `${event}${action ? `-${action}` : ''}`.replaceAll('_', '-');
  const schema = description.webhooks[name]?.post.requestBody.content['application/json'].schema;
  if (!schema) return [`unknown webhook ${name}`];
  const validate = compiled.get(name) ?? ajv.compile(absolute(schema) as object);
  compiled.set(name, validate);
  if (validate(payload)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${name}${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}

function absolute(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(absolute);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [
    key,
    key === '$ref' && typeof inner === 'string' ? inner.replace(/^#/, 'hooks#') : absolute(inner),
  ]);
  return Object.fromEntries(entries);
}
