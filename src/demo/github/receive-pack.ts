import type { PushRefusal } from './judge-push.ts';
import type { RefMove } from './refs.ts';

/** What a client asks `git receive-pack` for. */
export interface PushRequest {
  readonly moves: readonly RefMove[];
  /** Empty when nothing but deletions was asked for. */
  readonly pack: Buffer;
}

const zeros = /^0+$/;

/** Reads the commands before the pack; a ref that git would refuse as misnamed is left out. */
export function readPush(body: Buffer): PushRequest {
  const { packets, end } = readPackets(body);
  const moves = packets.flatMap((packet): RefMove[] => {
    const [command = ''] = packet.toString().split('\0');
    const [, before = '', after = '', ref = ''] = /^([0-9a-f]{40}) ([0-9a-f]{40}) (\S+)\n?$/.exec(command) ?? [];
    if (!ref.startsWith('refs/') || ref.includes('..')) return [];
    return [{ ref, before: zeros.test(before) ? null : before, after: zeros.test(after) ? null : after }];
  });
  return { moves, pack: body.subarray(end) };
}

/** Packets up to the first flush, and where the rest begins. */
function readPackets(body: Buffer): { packets: Buffer[]; end: number } {
  const packets: Buffer[] = [];
  let at = 0;
  while (at + 4 <= body.length) {
    const length = Number.parseInt(body.toString('latin1', at, at + 4), 16);
    if (!(length >= 4)) return { packets, end: at + 4 };
    packets.push(body.subarray(at + 4, at + length));
    at += length;
  }
  return { packets, end: body.length };
}

/** The answer of git with the reason of each refusal in place of its own words for a hook that said no. */
export function withReasons(answer: Buffer, refusals: ReadonlyMap<string, PushRefusal>): Buffer {
  const { packets } = readPackets(answer);
  const band = (wanted: number) => packets.filter((packet) => packet[0] === wanted);
  const report = Buffer.concat(band(1).map((packet) => packet.subarray(1)));
  if (report.length === 0) return answer;
  const lines = readPackets(report).packets.map((packet) => writePacket(reworded(packet.toString(), refusals)));
  const rewritten = Buffer.concat([...lines, flush]);
  const progress = [...band(2), ...band(3)].map(writePacket);
  return Buffer.concat([...progress, ...inBandOne(rewritten), flush]);
}

const flush = Buffer.from('0000');

function reworded(line: string, refusals: ReadonlyMap<string, PushRefusal>): string {
  const [, ref = ''] = /^ng (\S+) hook declined/.exec(line) ?? [];
  const reason = refusals.get(ref)?.reason;
  return reason === undefined ? line : `ng ${ref} ${reason}\n`;
}

// A packet of side-band-64k holds 65,515 bytes besides its length and band.
function inBandOne(content: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; at < content.length; at += 65_000) {
    parts.push(writePacket(Buffer.concat([Buffer.from([1]), content.subarray(at, at + 65_000)])));
  }
  return parts;
}

function writePacket(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content as string);
  return Buffer.concat([Buffer.from((bytes.length + 4).toString(16).padStart(4, '0')), bytes]);
}
