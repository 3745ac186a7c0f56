const placeholder = /\{\{\s*([^{}]*?)\s*\}\}/g;

/** The text with every known `{{ name }}` replaced, and the names that were not known. */
export function fillTemplate(
  text: string,
  values: Readonly<Record<string, string>>,
): { readonly text: string; readonly unknown: readonly string[] } {
  const unknown: string[] = [];
  const filled = text.replace(placeholder, (whole, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) unknown.push(name);
    return value ?? whole;
  });
  return { text: filled, unknown };
}
