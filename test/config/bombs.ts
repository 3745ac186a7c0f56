const limit = 256 * 1024;

function fill(text: string): string {
  return text.repeat(Math.floor(limit / text.length));
}

function lines(count: number, line: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => line(index)).join('\n');
}

function words(count: number, word: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => word(index)).join(', ');
}

function laughs(): string {
  const fans = lines(30, (index) => `a${index + 1}: &a${index + 1} [${Array(10).fill(`*a${index}`).join(', ')}]`);
  return `a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n${fans}`;
}

const wideMap = `a: &a\n${lines(900, (index) => `  k${index}: 1`)}`;

/** Files that try to take time or memory, and words of the answer to each. */
export const bombs: readonly { name: string; text: string; says: string }[] = [
  { name: 'too large', text: 'a'.repeat(limit + 1), says: 'larger than 256 KiB' },
  { name: 'larger in bytes than in characters', text: '€'.repeat(limit / 2), says: 'larger than 256 KiB' },
  { name: 'lists in lists, in brackets', text: fill('['), says: 'nested more than 32 deep' },
  { name: 'lists in lists, by dashes', text: fill('- '), says: 'nested more than 32 deep' },
  { name: 'maps in maps, in brackets', text: fill('{a: '), says: 'nested more than 32 deep' },
  {
    name: 'maps in maps, by indentation',
    text: lines(700, (index) => `${' '.repeat(index)}a:`),
    says: 'nested more than 32 deep',
  },
  { name: 'keys that are keys', text: fill('? '), says: 'nested more than 32 deep' },
  { name: 'thirty-three levels', text: `${'[ '.repeat(33)}${'] '.repeat(33)}`, says: 'nested more than 32 deep' },
  {
    name: 'levels through aliases',
    text: `a0: &a0 []\n${lines(40, (i) => `a${i + 1}: &a${i + 1} [*a${i}]`)}`,
    says: 'nested more than 32 deep',
  },
  { name: 'billion laughs', text: laughs(), says: 'more than 20000 values once aliases are followed' },
  {
    name: 'aliases of a wide map',
    text: `${wideMap}\n${lines(5000, (index) => `b${index}: *a`)}`,
    says: 'more than 20000 values',
  },
  {
    name: 'one map merged many times',
    text: `${wideMap}\nb: { <<: [${'*a, '.repeat(9000)}] }`,
    says: 'more than 20000 values',
  },
  {
    name: 'a chain of merges',
    text: `a0: &a0 {k0: 1}\n${lines(2200, (i) => `a${i + 1}: &a${i + 1} {<<: *a${i}, k${i + 1}: 1}`)}`,
    says: 'more than 20000 values',
  },
  { name: 'many keys', text: lines(7000, (index) => `k${index}: 1`), says: 'and 6900 more' },
  { name: 'one key many times', text: lines(7000, () => 'mode: active'), says: 'is written twice' },
  { name: 'too many words', text: fill('- a\n'), says: 'more than 50000 words and signs' },
  { name: 'commas', text: `[${','.repeat(49_000)}]`, says: 'unexpected , in flow sequence' },
  { name: 'anchors', text: '&a '.repeat(16_000), says: 'only one anchor' },
  { name: 'tags', text: '!t '.repeat(16_000), says: 'only one tag' },
  { name: 'bad escapes', text: `a: "${'\\x'.repeat(120_000)}"`, says: 'is no escape' },
  { name: 'a quote that never ends', text: `"${fill('a').slice(2)}`, says: 'is not closed' },
  { name: 'single quotes', text: `'${"''".repeat(100_000)}`, says: 'is not closed' },
  { name: 'documents', text: '---\n'.repeat(20_000), says: 'a second document begins here' },
  { name: 'directives', text: '%A b\n'.repeat(9_000), says: 'not YAML' },
  { name: 'a long key', text: `${'k'.repeat(200_000)}: 1`, says: 'longer than 1,024 characters' },
  {
    name: 'a template of blanks',
    text: `images: [{ name: a, tags: ["{{${' '.repeat(200_000)}"] }]`,
    says: 'without its other half',
  },
  {
    name: 'a repository of colons',
    text: `images: [{ name: a, repository: "${':'.repeat(200_000)}/" }]`,
    says: 'longer than 255 characters',
  },
  { name: 'an image of dots', text: `jobs: { a: { run: x, image: "${'a.'.repeat(100_000)}!" } }`, says: 'is no image' },
  { name: 'a path of dots', text: `images: [{ name: a, context: "${'../'.repeat(70_000)}" }]`, says: 'is no path' },
  {
    name: 'a cron of commas',
    text: `jobs: { a: { run: x, image: a, on: { cron: "${'1,'.repeat(100_000)}" } } }`,
    says: 'is longer than 200 characters',
  },
  {
    name: 'a duration of digits',
    text: `jobs: { a: { run: x, image: a, timeout: "${'1'.repeat(200_000)}" } }`,
    says: 'is no duration',
  },
  {
    name: 'needs of everything',
    text: `jobs:\n${lines(100, (i) => `  j${i}: { image: a, run: x, needs: [${words(100, (k) => `j${(k + i + 1) % 150}`)}] }`)}`,
    says: 'the jobs wait for each other',
  },
  {
    name: 'needs of nothing',
    text: `jobs:\n${lines(150, (i) => `  j${i}: { image: a, run: x, needs: [${words(50, (k) => `${'n'.repeat(20)}${i}x${k}`)}] }`)}`,
    says: 'there is no job',
  },
  {
    name: 'many jobs',
    text: `jobs:\n${lines(1_400, (index) => `  j${index}: { image: a, run: x }`)}`,
    says: 'more than 200 jobs',
  },
  {
    name: 'many images',
    text: `images:\n${lines(3_000, (index) => `  - { name: i${index} }`)}`,
    says: 'more than 100 images',
  },
  {
    name: 'many regular expressions',
    text: `version: { main: [${lines(60, (index) => ` "regex: ${'(a|b)*'.repeat(30)}${index}",`)}] }`,
    says: 'more than 50 different regular expressions',
  },
  {
    name: 'heavy regular expressions',
    text: `jobs:\n${lines(50, (i) => `  j${i}: { image: a, run: x, branches: ["regex: ${'[\\\\pL]{100}'.repeat(20)}${i}"] }`)}`,
    says: 'is too complex',
  },
];
