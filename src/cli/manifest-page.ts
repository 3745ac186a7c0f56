import { timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ManifestPageOptions {
  /** Where the form posts to: GitHub's page for new Apps, with the state. */
  readonly action: string;
  /** Text that nobody can guess; GitHub hands it back with the code. */
  readonly state: string;
  /** The manifest as JSON, once the address of this page is known. */
  readonly manifest: (redirectUrl: string) => Promise<object>;
  /** Called with each code that came with the right state; its sentence is shown to the person, a throw is shown too. */
  readonly onCode: (code: string) => Promise<string>;
}

export interface ManifestPage {
  /** What the person opens in a browser on this machine. */
  readonly url: string;
  /** Ends it once the answers under way have left. */
  close(): Promise<void>;
}

/** Serves the one page of GitHub's manifest flow on loopback, and takes the code that GitHub sends the person back with. */
export async function openManifestPage(options: ManifestPageOptions): Promise<ManifestPage> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const manifest = JSON.stringify(await options.manifest(`http://${host}/created`));
  server.on('request', (request, response) => void answer(request, response, host, manifest, options));
  const close = async () => {
    const closed = once(server, 'close');
    server.close();
    // What a browser opened and never used would keep it from ending.
    const cutOff = setTimeout(() => server.closeAllConnections(), 1_000);
    await closed;
    clearTimeout(cutOff);
  };
  return { url: `http://${host}/`, close };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  host: string,
  manifest: string,
  options: ManifestPageOptions,
): Promise<void> {
  const url = new URL(request.url ?? '/', `http://${host}`);
  // A page of another origin may have its name lead here; only the address that we printed is answered.
  if (request.headers.host !== host || request.method !== 'GET')
    return show(response, 403, 'Open the printed address.');
  if (url.pathname === '/') return show(response, 200, formHtml(options, manifest));
  if (url.pathname !== '/created') return show(response, 404, 'There is nothing here.');
  if (!isSame(url.searchParams.get('state') ?? '', options.state))
    return show(response, 403, 'This answer does not belong to the page that was opened; start again from it.');
  try {
    show(response, 200, escapeHtml(await options.onCode(url.searchParams.get('code') ?? '')));
  } catch (error) {
    show(response, 502, escapeHtml(error instanceof Error ? error.message : String(error)));
  }
}

function formHtml({ action }: ManifestPageOptions, manifest: string): string {
  return `<p>GitHub will show what the App may do, and asks for a name.</p>
<form method="post" action="${escapeHtml(action)}">
<input type="hidden" name="manifest" value="${escapeHtml(manifest)}">
<button>Create the GitHub App</button></form>`;
}

function show(response: ServerResponse, status: number, html: string): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
    connection: 'close',
  });
  response.end(`<!doctype html><meta charset="utf-8"><title>Sluice</title><h1>Sluice</h1>${html}\n`);
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
