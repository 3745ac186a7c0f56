import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Mutant } from './mutant.ts';

const source = `${pathToFileURL(join(import.meta.dirname, '../../src')).href}/`;
const marked = /\?mutant=([\w-]+)$/;

function patched(mutant: Mutant, file: string, text: string): string {
  return mutant.patches
    .filter((patch) => patch.file === file)
    .reduce((before, { from, to }) => {
      const pieces = before.split(from);
      if (pieces.length !== 2)
        throw new Error(`mutant ${mutant.name}: ${file} has ${pieces.length - 1} times: ${from}`);
      return pieces.join(to);
    }, text);
}

/** From now on `…?mutant=name` loads a copy of the product with that fault in it, whatever it imports included. */
export function patchModules(mutants: readonly Mutant[]): void {
  registerHooks({
    resolve(specifier, context, next) {
      const resolved = next(specifier, context);
      const mark = marked.exec(context.parentURL ?? '')?.[0];
      return mark !== undefined && resolved.url.startsWith(source)
        ? { ...resolved, url: resolved.url + mark }
        : resolved;
    },
    load(url, context, next) {
      const name = marked.exec(url)?.[1];
      if (name === undefined) return next(url, context);
      const plain = url.replace(marked, '');
      const loaded = next(plain, context);
      const mutant = mutants.find((each) => each.name === name);
      const text = loaded.source?.toString() ?? '';
      return mutant ? { ...loaded, source: patched(mutant, plain.slice(source.length), text) } : loaded;
    },
  });
}
