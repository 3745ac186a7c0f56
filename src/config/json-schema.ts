import { z } from 'zod';
import { projectSchema } from './schema/project.ts';

/** A node of the generated schema, as far as this room reads it. */
export interface SchemaNode {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: SchemaNode | false;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
  readonly required?: readonly string[];
}

const generated = { ...z.toJSONSchema(projectSchema, { target: 'draft-2020-12', io: 'input' }) };

/** JSON Schema (draft 2020-12) of `.sluice.yaml` as people write it, for editors; the same source as types and messages. */
export function jsonSchema(): object {
  return structuredClone(generated);
}

/** The same for reading inside this room. */
export const projectSchemaNode = generated as SchemaNode;

/** All shapes that a value at this path may have; empty when the schema knows no such path. */
export function schemaNodesAt(path: readonly (string | number)[]): readonly SchemaNode[] {
  let nodes = alternatives(projectSchemaNode);
  for (const step of path) nodes = nodes.flatMap((node) => childNodes(node, step)).flatMap(alternatives);
  return nodes;
}

function alternatives(node: SchemaNode): SchemaNode[] {
  return node.anyOf === undefined ? [node] : [node, ...node.anyOf.flatMap(alternatives)];
}

function childNodes(node: SchemaNode, step: string | number): SchemaNode[] {
  if (typeof step === 'number') return node.items === undefined ? [] : [node.items];
  const property =
    node.properties !== undefined && Object.hasOwn(node.properties, step) ? node.properties[step] : undefined;
  if (property !== undefined) return [property];
  return node.additionalProperties ? [node.additionalProperties] : [];
}

/** The keys that a map at this path may have. */
export function keysAt(path: readonly (string | number)[]): readonly string[] {
  return [...new Set(schemaNodesAt(path).flatMap((node) => Object.keys(node.properties ?? {})))];
}
