import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse as yamlParse } from 'yaml';
import { organisationJsonSchema } from '../../src/config/organisation/organisation-json-schema.ts';
import { organisationSchema } from '../../src/config/schema/organisation.ts';
import { organisationComplaints } from './organisation-fixture.ts';

const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(organisationJsonSchema());

const good = `apiVersion: sluice/v1
defaults: { gate: { requires: { approvals: 2 } } }
`;

describe('the JSON Schema of an organisation’s file', () => {
  it('names every key that the parser accepts, each with a description', () => {
    const { properties } = organisationJsonSchema() as { properties: Record<string, { description?: string }> };
    expect(Object.keys(properties)).toEqual(Object.keys(organisationSchema.shape));
    expect(Object.values(properties).filter(({ description = '' }) => description.length < 4)).toEqual([]);
  });

  it.each([
    ['defaults', good],
    ['templates', `${good}templates: { go@v1: { jobs: { unit: { image: golang:1.24, run: make test } } } }\n`],
    [
      'selectors',
      `${good}templates: { go@v1: {} }\nrepos: [{ match: { name: "go-*", hasFile: go.mod }, apply: go@v1 }]\n`,
    ],
  ])('accepts %s as the parser does', (_title, text) => {
    expect(organisationComplaints(text)).toEqual([]);
    expect([validate(yamlParse(text)), validate.errors]).toEqual([true, null]);
  });

  it.each([
    ['a key of its own', 'default: {}\n'],
    ['a key below `defaults`', 'defaults: { gates: {} }\n'],
    ['a key of a job in a template', 'templates: { go@v1: { jobs: { unit: { imge: golang:1.24, run: x } } } }\n'],
    ['a key of a selector', 'templates: { go@v1: {} }\nrepos: [{ match: { nam: x }, apply: go@v1 }]\n'],
    ['a selector that applies nothing', 'repos: [{ match: { name: x } }]\n'],
  ])('refuses %s that does not exist, as the parser does', (_title, text) => {
    expect(organisationComplaints(text)).not.toEqual([]);
    expect(validate(yamlParse(text))).toBe(false);
  });
});
