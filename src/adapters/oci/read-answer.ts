import { RegistryTrouble } from '../../model/registry.ts';
import type { HttpAnswer } from './http.ts';

/** The whole body. Throws `RegistryTrouble` when it is longer than `most`, or cut. */
export async function readBytes({ body }: HttpAnswer, most: number, what: string): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  try {
    for await (const piece of body as AsyncIterable<Buffer>) {
      size += piece.length;
      if (size > most) throw new RegistryTrouble('refused', `${what}: it is larger than ${most} bytes`);
      pieces.push(piece);
    }
  } catch (cause) {
    body.destroy();
    if (cause instanceof RegistryTrouble) throw cause;
    throw new RegistryTrouble('away', `${what}: the answer broke off`);
  }
  return Buffer.concat(pieces);
}

/** A JSON object. Throws `RegistryTrouble` where it is none. */
export async function readJson(answer: HttpAnswer, most: number, what: string): Promise<Record<string, unknown>> {
  return parseObject(await readBytes(answer, most, what), what);
}

export function parseObject(bytes: Buffer, what: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString());
  } catch {
    throw new RegistryTrouble('corrupt', `${what}: it is not JSON`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new RegistryTrouble('corrupt', `${what}: it is no JSON object`);
  return value as Record<string, unknown>;
}

/** Reads what nobody needs, so that the connection can be used again. */
export function drain({ body }: HttpAnswer): void {
  body.on('error', () => undefined);
  body.resume();
}
