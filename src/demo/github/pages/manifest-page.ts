import { findAccount } from '../lookup.ts';
import { acceptManifest, readManifest } from '../manifest.ts';
import type { Incoming, Outgoing } from '../request.ts';
import type { Account, World } from '../world.ts';
import { sendPage } from './layout.ts';
import { html, join } from './markup.ts';

/** The page that a manifest is posted to; its button registers the App and sends the browser back with a code. */
export function manifestPage(world: World, incoming: Incoming, organization: string | null): Outgoing {
  if (incoming.method !== 'POST') return problem(['this page takes a form with the field manifest, by POST']);
  const form = new URLSearchParams(incoming.body.toString());
  const text = form.get('manifest') ?? '';
  const reading = readManifest(parse(text));
  if (reading.kind === 'refused') return problem(reading.problems);
  const owner = ownerOf(world, organization);
  if (!owner) return problem([organization ? `no organisation ${organization}` : 'nobody has an account here yet']);
  const { manifest } = reading;
  if (form.get('accepted') === 'yes') {
    const location = acceptManifest(world, manifest, incoming.query.get('state'), owner);
    return { ...sendPage('Created', html`<p><a href="${location}">Back</a></p>`), status: 302, ...redirect(location) };
  }
  const wanted = Object.entries(manifest.permissions).map(([name, level]) => html`<li>${name}: ${level}</li>`);
  const content = html`<h1>Create the GitHub App “${manifest.name}” for ${owner.login}</h1>
<p>It asks for these permissions:</p><ul>${join(wanted)}</ul><p>It hears of: ${manifest.events.join(', ')}</p>
<form method="post"><input type="hidden" name="manifest" value="${text}"><input type="hidden" name="accepted" value="yes">
<button type="submit">Create GitHub App</button></form>`;
  return sendPage('Create GitHub App', content, 200, `'self' ${new URL(manifest.redirectUrl).origin}`);
}

function redirect(location: string): Pick<Outgoing, 'headers' | 'body'> {
  return { headers: { Location: location }, body: '' };
}

function problem(problems: readonly string[]): Outgoing {
  return sendPage(
    'Invalid manifest',
    html`<h1>Invalid GitHub App configuration</h1><ul>${join(problems.map((line) => html`<li>${line}</li>`))}</ul>`,
    422,
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: reading it names that as the problem.
    return null;
  }
}

// Without an organisation: the first person with an account, as nobody signs in here.
function ownerOf(world: World, organization: string | null): Account | undefined {
  if (organization !== null) return findAccount(world, organization);
  return [...world.accounts.values()].find(({ kind, login }) => kind === 'User' && login !== 'ghost');
}
