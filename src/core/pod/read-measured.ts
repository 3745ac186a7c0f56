import type { BuiltImage, UploadedImage } from '../../model/build.ts';
import { isDigest } from '../../model/sha.ts';

type Fields = Readonly<Record<string, unknown>>;

/** As much as Kubernetes keeps of a termination message. */
const messageBytes = 4096;

const repository = /^[A-Za-z0-9][A-Za-z0-9.-]{0,252}(?::\d{1,5})?(?:\/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)+$/;
const tag = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const mediaType = /^application\/vnd\.[a-z0-9.+-]{1,100}$/;

/** What the step `measure` left; null for anything else, however it is written (intake-faults-attacks.md A31). */
export function readMeasured(message: string): BuiltImage | null {
  const said = fieldsIn(message);
  return said === null || said.uploaded !== undefined ? null : readImage(said);
}

/** The same of the step `upload`, from which an image that was not uploaded is nothing. */
export function readUploaded(message: string): BuiltImage | null {
  const said = fieldsIn(message);
  const image = said === null ? null : readImage(said);
  const uploaded = readPlace(fieldsOf(said?.uploaded));
  return image === null || uploaded === null ? null : { ...image, uploaded };
}

function readImage({ digest, bytes, layers }: Fields): BuiltImage | null {
  if (typeof digest !== 'string' || !isDigest(digest) || !isCount(bytes) || !isCount(layers)) return null;
  return { digest, bytes, layers };
}

function readPlace(said: Fields | null): UploadedImage | null {
  if (said === null) return null;
  const { repository: place, tag: name, mediaType: type, manifestBytes } = said;
  if (!isText(place, repository) || !isText(name, tag) || !isText(type, mediaType) || !isCount(manifestBytes))
    return null;
  return { repository: place, tag: name, mediaType: type, manifestBytes };
}

function fieldsIn(message: string): Fields | null {
  return new TextEncoder().encode(message).length > messageBytes ? null : fieldsOf(parse(message));
}

function parse(message: string): unknown {
  try {
    return JSON.parse(message);
  } catch {
    // Not JSON: whatever wrote it was not our step, and the caller says so.
    return null;
  }
}

function fieldsOf(value: unknown): Fields | null {
  return typeof value === 'object' && value !== null ? (value as Fields) : null;
}

function isText(value: unknown, pattern: RegExp): value is string {
  return typeof value === 'string' && pattern.test(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
