import { z } from 'zod';
import { type Fault, textThat } from './scalars.ts';

const cpuPattern = /^(?:\d{1,6}m|\d{1,4}(?:\.\d{1,3})?)$/;
const bytesPattern = /^\d{1,16}(?:\.\d{1,3})?(?:Ki|Mi|Gi|Ti|k|M|G|T)?$/;

const bytesPerUnit: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

function cpuFault(text: string): Fault | null {
  if (!cpuPattern.test(text)) return { message: 'is no number of CPUs', hint: 'write it as 2, 0.5 or 500m' };
  const cpus = text.endsWith('m') ? Number.parseInt(text, 10) / 1000 : Number(text);
  if (cpus < 0.01) return { message: 'is too little CPU', hint: 'the least is 10m' };
  if (cpus > 256) return { message: 'is too much CPU', hint: 'the most is 256' };
  return null;
}

/** What an amount of bytes as `8Gi` comes to, rounded down. */
export function bytesOf(text: string): number {
  return Math.floor(Number.parseFloat(text) * (bytesPerUnit[text.replace(/^[\d.]+/, '')] ?? 1));
}

function bytesFault(text: string): Fault | null {
  if (!bytesPattern.test(text)) {
    const loose = /^(\d+(?:\.\d+)?) ?([kmgt])i?b?$/i.exec(text);
    const unit = loose?.[2]?.toUpperCase() ?? 'G';
    return { message: 'is no amount of bytes', hint: `write it as ${loose?.[1] ?? '8'}${unit}i` };
  }
  const number = Number.parseFloat(text);
  const bytes = bytesOf(text);
  if (bytes < 16 * 2 ** 20) {
    const hint = /^\d+$/.test(text) && number <= 4096 ? `with a unit: ${text}Gi or ${text}Mi` : 'the least is 16Mi';
    return { message: `is only ${bytes} bytes`, hint };
  }
  return bytes > 16 * 2 ** 40 ? { message: 'is too much', hint: 'the most is 16Ti' } : null;
}

function numberOrText(expected: string, fault: (text: string) => Fault | null, pattern: RegExp) {
  const checked = textThat(expected, fault, pattern);
  const fromNumber = z.number({ error: expected }).superRefine((value, context) => {
    const found = fault(String(value));
    if (found !== null) context.addIssue({ code: 'custom', message: found.message, params: { hint: found.hint } });
  });
  return z.union([checked, fromNumber], { error: expected });
}

export const cpu = numberOrText('a number of CPUs as 2, 0.5 or "500m"', cpuFault, cpuPattern);
export const bytes = numberOrText('an amount of bytes as "8Gi" or "500Mi"', bytesFault, bytesPattern);
