#!/usr/bin/env node
/** The command `sluice`: starts src/main.ts, with the Node that npm brought along where the running one is too old. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findNode, isRecentEnough, nodeIsMissing } from './find-node.mjs';
import { startProgram } from './start-program.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const main = join(root, 'src', 'main.ts');

if (isRecentEnough(process.versions.node)) {
  process.argv[1] = main;
  await import(main);
} else {
  const node = findNode(root);
  if (node === null) {
    process.stderr.write(`sluice: ${nodeIsMissing}\n`);
    process.exitCode = 3;
  } else process.exitCode = await startProgram(root, node, [main, ...process.argv.slice(2)]);
}
