import { chmodSync, lchownSync, readdirSync } from 'node:fs';
import type { OwnInput } from '../../src/core/pod/step-input.ts';
import type { InputReader } from './read-input.ts';

/**
 * Gives the folder and all in it to root, links themselves and not where they lead; the folder's own mode becomes that of the folders
 * in it. Nothing of the repository has run before, and nothing of it is read here but names.
 */
export async function own(reader: InputReader): Promise<void> {
  const input: OwnInput = { folder: reader.text('folder'), result: reader.text('result') };
  const folder = Buffer.from(input.folder);
  giveToRoot(folder);
  // A volume is everybody's, and with a group of its own a folder hands that group on.
  chmodSync(folder, 0o755);
}

// One call after another: with promises each would take ten times as long, and there may be half a million files.
function giveToRoot(place: Buffer): void {
  lchownSync(place, 0, 0);
  for (const entry of readdirSync(place, { withFileTypes: true, encoding: 'buffer' })) {
    const inside = Buffer.concat([place, Buffer.from('/'), entry.name]);
    if (entry.isDirectory()) giveToRoot(inside);
    else lchownSync(inside, 0, 0);
  }
}
