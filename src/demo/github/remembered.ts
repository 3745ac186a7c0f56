const isSha = (word: string): boolean => /^[0-9a-f]{40}$/.test(word);
/** What one of them says is small; a stand-in that runs for days begins anew after so many. */
const most = 20_000;

const answers = new Map<string, unknown>();

/**
 * What git says of objects that are named by their SHAs, in one repository that nothing is ever pruned from: it can never say
 * anything else, so it is asked once. Null, and what is asked by another name, is asked each time. Throws as `ask` does.
 */
export async function remembered<T>(
  folder: string,
  verb: string,
  objects: readonly string[],
  ask: () => Promise<T>,
): Promise<T> {
  if (!objects.every(isSha)) return ask();
  const key = [folder, verb, ...objects].join('\0');
  if (answers.has(key)) return answers.get(key) as T;
  const answer = await ask();
  if (answer === null) return answer;
  if (answers.size >= most) answers.clear();
  answers.set(key, answer);
  return answer;
}
