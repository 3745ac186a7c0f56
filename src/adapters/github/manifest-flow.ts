import { Octokit } from '@octokit/rest';

export interface ManifestWishes {
  readonly name: string;
  /** Home page of this Sluice. */
  readonly url: string;
  /** Where deliveries go; null where GitHub cannot reach us: the webhook is then made inactive. */
  readonly webhookUrl: string | null;
  /** Where the browser comes back to, with the code. */
  readonly redirectUrl: string;
}

/** What GitHub gives for the code, once. */
export interface NewApp {
  readonly appId: number;
  readonly slug: string;
  /** PEM. */
  readonly privateKey: string;
  readonly webhookSecret: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly htmlUrl: string;
}

/**
 * The manifest to post to `creationUrl`: what `app.yml` holds (parsed by the caller, who may read YAML), with what belongs
 * to this server. Throws when permissions or events are missing.
 */
export function manifestFor(
  wishes: ManifestWishes,
  written: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  if (!written?.default_permissions || !written.default_events) {
    throw new TypeError('app.yml must hold default_permissions and default_events');
  }
  return {
    ...written,
    name: wishes.name,
    url: wishes.url,
    redirect_url: wishes.redirectUrl,
    // GitHub wants a URL even for a webhook that is not active.
    hook_attributes: { url: wishes.webhookUrl ?? wishes.url, active: wishes.webhookUrl !== null },
  };
}

/** The page that takes the manifest; `webUrl` is `https://github.com` or the Enterprise Server's. Null: one's own account. */
export function creationUrl(webUrl: string, organization: string | null, state: string): string {
  const place = organization === null ? '' : `organizations/${encodeURIComponent(organization)}/`;
  const url = new URL(`${place}settings/apps/new`, webUrl.endsWith('/') ? webUrl : `${webUrl}/`);
  url.searchParams.set('state', state);
  return url.href;
}

/** Turns the code of the redirect into the new App's credentials; GitHub does it once per code, within an hour. */
export async function exchangeCode(apiUrl: string, code: string): Promise<NewApp> {
  // Silent: its own log lines hold the code.
  const log = { debug: drop, info: drop, warn: drop, error: drop };
  const octokit = new Octokit({ baseUrl: apiUrl, log });
  try {
    const { data } = await octokit.rest.apps.createFromManifest({ code });
    return {
      appId: data.id,
      slug: data.slug ?? '',
      privateKey: data.pem,
      webhookSecret: data.webhook_secret ?? '',
      clientId: data.client_id,
      clientSecret: data.client_secret,
      htmlUrl: data.html_url,
    };
  } catch (cause) {
    throw new Error(`cannot exchange the code for an App at ${apiUrl}; a code works once and for one hour`, { cause });
  }
}

function drop(): void {}
