/** How a registry wants to be shown who asks (`WWW-Authenticate`). */
export type Challenge =
  | { readonly kind: 'basic' }
  | { readonly kind: 'bearer'; readonly realm: string; readonly service: string | null };

/** The challenge that we can meet, tokens before passwords; null: there is none. */
export function readChallenge(header: string | undefined): Challenge | null {
  const found = (header ?? '')
    .slice(0, 8_000)
    .matchAll(/\b(bearer|basic)\b((?:\s*,?\s*[a-z_]+\s*=\s*(?:"[^"]*"|[^\s",]+))*)/gi);
  const challenges = [...found].flatMap(([, scheme = '', parameters = '']) => toChallenge(scheme, parameters));
  return challenges.find(({ kind }) => kind === 'bearer') ?? challenges[0] ?? null;
}

function toChallenge(scheme: string, parameters: string): Challenge[] {
  if (scheme.toLowerCase() === 'basic') return [{ kind: 'basic' }];
  const values = new Map(
    [...parameters.matchAll(/([a-z_]+)\s*=\s*(?:"([^"]*)"|([^\s",]+))/gi)].map(([, key = '', quoted, plain]) => [
      key.toLowerCase(),
      quoted ?? plain ?? '',
    ]),
  );
  const realm = values.get('realm');
  if (realm === undefined || !URL.canParse(realm)) return [];
  return [{ kind: 'bearer', realm, service: values.get('service') ?? null }];
}
