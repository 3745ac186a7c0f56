import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface LayoutDescriptor {
  digest: string;
  size: number;
}

/** An OCI layout in a folder, written blob by blob. */
export function makeLayout(layout: string) {
  const blobs = join(layout, 'blobs', 'sha256');
  mkdirSync(blobs, { recursive: true });

  function blob(content: string): LayoutDescriptor {
    const hex = createHash('sha256').update(content).digest('hex');
    writeFileSync(join(blobs, hex), content);
    return { digest: `sha256:${hex}`, size: Buffer.byteLength(content) };
  }

  function index(...manifests: unknown[]): void {
    writeFileSync(join(layout, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }));
  }

  /** A whole image of these layers. */
  function image(...layers: string[]): LayoutDescriptor {
    const manifest = { schemaVersion: 2, config: blob('{"os":"linux"}'), layers: layers.map(blob) };
    const found = blob(JSON.stringify(manifest));
    index(found);
    return found;
  }

  const pathOf = ({ digest }: LayoutDescriptor): string => join(blobs, digest.slice('sha256:'.length));
  return { blob, index, image, pathOf };
}
