import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse as yamlParse } from 'yaml';
import { jsonSchema, keysAt, type SchemaNode } from '../../src/config/json-schema.ts';
import { referencePage } from '../../src/config/reference-page.ts';
import { projectSchema } from '../../src/config/schema/project.ts';
import { fixtureNames, readFixture } from './read-fixtures.ts';

interface Key {
  readonly name: string;
  readonly node: SchemaNode;
}

/** Every key of every map that the schema knows, with its schema. */
function keysIn(node: SchemaNode): Key[] {
  const own = Object.entries(node.properties ?? {}).flatMap(([name, child]) => [
    { name, node: child },
    ...keysIn(child),
  ]);
  const others = [
    ...(node.anyOf ?? []),
    ...(node.items ? [node.items] : []),
    ...(node.additionalProperties ? [node.additionalProperties] : []),
  ];
  return [...own, ...others.flatMap(keysIn)];
}

const keys = keysIn(jsonSchema() as SchemaNode);
const names = [...new Set(keys.map((key) => key.name))];

describe('the JSON Schema', () => {
  const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(jsonSchema());

  it('is of draft 2020-12 and knows at least ninety keys, each with a description', () => {
    expect(jsonSchema()).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      additionalProperties: false,
    });
    expect(keys.length).toBeGreaterThanOrEqual(90);
    expect(keys.filter((key) => (key.node.description ?? '').length < 4).map((key) => key.name)).toEqual([]);
  });

  it('names every key that the parser accepts at the top, in an image and in a job', () => {
    expect(Object.keys(projectSchema.shape)).toEqual(keysAt([]));
    expect(keysAt(['images', 0])).toContain('containerFilename');
    expect(keysAt(['jobs', 'any'])).toContain('allowPrivilegeEscalation');
  });

  it.each(fixtureNames('good').filter((name) => name !== 'nothing'))('accepts the good file %s', (name) => {
    const isValid = validate(yamlParse(readFixture('good', `${name}.yaml`), { merge: true }));
    expect(validate.errors ?? []).toEqual([]);
    expect(isValid).toBe(true);
  });

  // What editors are told is the shape; what needs more than the shape only the parser says.
  const notInShape = new Set(['18-spec-of-prow', '34-prototype', '35-builder-loads-a-library']);
  it.each(fixtureNames('evil').filter((name) => !notInShape.has(name)))('refuses the evil file %s', (name) => {
    expect(validate(yamlParse(readFixture('evil', `${name}.yaml`), { merge: true }))).toBe(false);
  });

  it('is given anew to everyone, so that nobody changes it for others', () => {
    Object.assign(jsonSchema(), { type: 'string' });
    expect(jsonSchema()).toMatchObject({ type: 'object' });
  });
});

describe('the reference page', () => {
  const page = referencePage();

  it.each(names)('explains the key %s', (name) => {
    const isInRow = page.includes(`\n| \`${name}\` | `);
    expect(isInRow || page.includes(`\`{ ${name}: … }\``)).toBe(true);
  });

  it('holds every description of the schema', () => {
    const descriptions = keys.filter((key) => key.name !== 'regex').map((key) => key.node.description ?? '?');
    expect(descriptions.filter((text) => !page.includes(text))).toEqual([]);
  });

  it('has rows of four cells only', () => {
    const rows = page.split('\n').filter((line) => line.startsWith('| '));
    expect(rows.length).toBeGreaterThan(90);
    expect(rows.filter((row) => row.replaceAll('\\|', '').split('|').length !== 6)).toEqual([]);
  });
});
