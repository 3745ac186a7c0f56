import { z } from 'zod';
import { jsonSchema } from '../json-schema.ts';
import { organisationSchema } from '../schema/organisation.ts';

/**
 * JSON Schema (draft 2020-12) of an organisation's `sluice.yaml`, for editors: below `defaults` and in each template stand the keys
 * of `.sluice.yaml`. What needs more than the shape only the parser says.
 */
export function organisationJsonSchema(): object {
  const { $schema, ...project } = jsonSchema() as { $schema: string };
  const written = { ...z.toJSONSchema(organisationSchema, { target: 'draft-2020-12', io: 'input' }) };
  const { defaults, templates } = written.properties as Readonly<Record<string, object>>;
  const below = { $ref: '#/$defs/project' };
  const properties = {
    ...written.properties,
    defaults: { ...defaults, ...below },
    templates: { ...templates, additionalProperties: below },
  };
  return { ...written, $schema, properties, $defs: { project } };
}
