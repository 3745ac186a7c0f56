/** The kinds of value that a pod of ours is made of. */
export type Shape =
  | { readonly kind: 'text'; readonly pattern: RegExp }
  | { readonly kind: 'value'; readonly allowed: readonly (string | number | boolean)[] }
  | { readonly kind: 'number'; readonly least: number; readonly most: number }
  | { readonly kind: 'list'; readonly item: Shape; readonly least: number }
  | { readonly kind: 'map'; readonly key: RegExp; readonly value: Shape }
  | { readonly kind: 'object'; readonly required: Shapes; readonly optional: Shapes };

export type Shapes = Readonly<Record<string, Shape>>;

export const text = (pattern: RegExp): Shape => ({ kind: 'text', pattern });
export const value = (...allowed: (string | number | boolean)[]): Shape => ({ kind: 'value', allowed });
export const number = (least: number, most: number): Shape => ({ kind: 'number', least, most });
export const list = (item: Shape, least = 0): Shape => ({ kind: 'list', item, least });
export const map = (key: RegExp, of: Shape): Shape => ({ kind: 'map', key, value: of });
export const object = (required: Shapes, optional: Shapes = {}): Shape => ({ kind: 'object', required, optional });

/** Everything in which something differs from its shape, each with its path; what the shape does not name is a difference. */
export function differences(found: unknown, shape: Shape, path = ''): readonly string[] {
  switch (shape.kind) {
    case 'text':
      return typeof found === 'string' && shape.pattern.test(found) ? [] : [`${path}: ${shown(found)} is not allowed`];
    case 'value':
      return shape.allowed.some((each) => each === found)
        ? []
        : [`${path}: ${shown(found)} is not allowed, only ${shape.allowed.map(shown).join(' or ')}`];
    case 'number':
      return Number.isInteger(found) && Number(found) >= shape.least && Number(found) <= shape.most
        ? []
        : [`${path}: ${shown(found)} is not a whole number from ${shape.least} to ${shape.most}`];
    case 'list':
      if (!Array.isArray(found) || found.length < shape.least)
        return [`${path}: ${shown(found)} is not a list of ${shape.least} or more`];
      return found.flatMap((item, index) => differences(item, shape.item, `${path}[${index}]`));
    case 'map':
      return differencesOfMap(found, shape.key, shape.value, path);
    case 'object':
      return differencesOfObject(found, shape.required, shape.optional, path);
  }
}

function differencesOfMap(found: unknown, key: RegExp, of: Shape, path: string): readonly string[] {
  if (!isPlain(found)) return [`${path}: ${shown(found)} is not a map`];
  return Object.entries(found).flatMap(([name, each]) =>
    key.test(name) ? differences(each, of, `${path}.${name}`) : [`${path}.${name}: this name is not allowed`],
  );
}

function differencesOfObject(found: unknown, required: Shapes, optional: Shapes, path: string): readonly string[] {
  if (!isPlain(found)) return [`${path}: ${shown(found)} is not a map`];
  const known = new Map([...Object.entries(required), ...Object.entries(optional)]);
  const missing = Object.keys(required).filter((name) => found[name] === undefined);
  const present = Object.entries(found).filter(([, each]) => each !== undefined);
  return [
    ...missing.map((name) => `${path}.${name}: is missing`),
    ...present.flatMap(([name, each]) => {
      const shape = known.get(name);
      return shape ? differences(each, shape, `${path}.${name}`) : [`${path}.${name}: this field is not allowed`];
    }),
  ];
}

function isPlain(found: unknown): found is Readonly<Record<string, unknown>> {
  return typeof found === 'object' && found !== null && !Array.isArray(found);
}

function shown(found: unknown): string {
  const json = JSON.stringify(found) ?? String(found);
  return json.length > 80 ? `${json.slice(0, 77)}…` : json;
}
