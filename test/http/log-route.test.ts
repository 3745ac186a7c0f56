import { once } from 'node:events';
import { get } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { isLogKey, logUrl } from '../../src/http/log-link.ts';
import { toBuildId } from '../../src/model/build.ts';
import { startWeb } from './web-fixture.ts';

const logKey = 'a log key of these tests';
const build = toBuildId('b-unit-0123456789abcdef01234567');
const other = toBuildId('b-unit-76543210fedcba9876543210');
let web: Awaited<ReturnType<typeof startWeb>>;

async function start(options: Parameters<typeof startWeb>[0] = {}) {
  web = await startWeb({ logKey, limits: { followMs: 20 }, ...options });
  return web;
}
afterEach(() => web.server.close());

function rawOf(link: string): string {
  return link.replace('?', '/raw?');
}

async function readAll(link: string) {
  const response = await fetch(link);
  return { status: response.status, headers: response.headers, text: await response.text() };
}

describe('a log is open to who has its link', () => {
  it('as a page that allows no script, frame or foreign content', async () => {
    const { url, texts } = await start();
    texts.set(build, { text: 'step 1\n\x1b[32mok\x1b[0m <b>\n', ended: true });
    const { status, headers, text } = await readAll(logUrl(url, logKey, build));
    expect(status).toBe(200);
    expect(text).toContain('<pre>step 1\n<span class="c32">ok</span> &#60;b&#62;\n</pre>');
    expect(text).toContain('End of the log.');
    expect(text).not.toContain('<script');
    expect(headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
    );
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it('as plain text that no browser takes for anything else', async () => {
    const { url, texts } = await start();
    texts.set(build, { text: '<script>\x1b[31mred\n', ended: true });
    const { headers, text } = await readAll(rawOf(logUrl(url, logKey, build)));
    expect(text).toBe('<script>red\n');
    expect(headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('even before there is anything in it', async () => {
    const { url } = await start();
    expect(await readAll(rawOf(logUrl(url, logKey, build)))).toMatchObject({ status: 200, text: '' });
  });
});

describe('without the right key it says 404 and what to do, and not whether there is such a log (A42)', () => {
  it.each`
    what                         | link
    ${'no key'}                  | ${`/logs/${build}`}
    ${'an empty key'}            | ${`/logs/${build}?key=`}
    ${'another key'}             | ${`/logs/${build}?key=${'A'.repeat(43)}`}
    ${'two keys'}                | ${`${logUrl('', logKey, build)}&key=x`}
    ${"another Build's key"}     | ${logUrl('', logKey, other).replace(other, build)}
    ${'a key of another server'} | ${logUrl('', 'another log key', build)}
    ${'raw, no key'}             | ${`/logs/${build}/raw`}
    ${'no such Build'}           | ${'/logs/b-none?key=x'}
    ${'a path'}                  | ${`/logs/${encodeURIComponent('../../etc/passwd')}?key=x`}
  `('$what', async ({ link }) => {
    const { url, texts } = await start();
    texts.set(build, { text: 'secret of the build', ended: true });
    const { status, text } = await readAll(url + link);
    expect(status).toBe(404);
    expect(text).toContain('Take the link from the check run.');
  });

  it('and a server without a log key opens nothing', () => {
    const link = new URL(logUrl('http://x', '', build));
    expect(isLogKey('', build, link.searchParams.get('key') ?? '')).toBe(false);
  });
});

describe('following', () => {
  async function open(link: string) {
    const request = get(link);
    const [response] = await once(request, 'response');
    response.setEncoding('utf8');
    const seen = { text: '', ended: false };
    response.on('data', (piece: string) => {
      seen.text += piece;
    });
    response.on('end', () => {
      seen.ended = true;
    });
    return { seen, end: () => request.destroy() };
  }

  it('the page grows by whole lines while the Build goes on, and ends with it', async () => {
    const { url, texts } = await start();
    const log = { text: 'one\nt', ended: false };
    texts.set(build, log);
    const { seen } = await open(logUrl(url, logKey, build));
    await expect.poll(() => seen.text).toContain('<pre>one\n');
    log.text += 'wo\n';
    await expect.poll(() => seen.text).toContain('<pre>one\ntwo\n');
    log.text += 'no newline at the end';
    log.ended = true;
    await expect.poll(() => seen.ended).toBe(true);
    expect(seen.text).toContain('two\nno newline at the end</pre><footer>End of the log.');
  });

  it('plain text follows when asked to, and else gives what is there', async () => {
    const { url, texts } = await start();
    const log = { text: 'one\n', ended: false };
    texts.set(build, log);
    expect((await readAll(rawOf(logUrl(url, logKey, build)))).text).toBe('one\n');
    const { seen } = await open(`${rawOf(logUrl(url, logKey, build))}&follow=1`);
    log.text += 'two\n';
    log.ended = true;
    await expect.poll(() => seen).toEqual({ text: 'one\ntwo\n', ended: true });
  });

  it('readers beyond the limit get what is there and are told to reload; a place given up is free again', async () => {
    const { url, texts } = await start({ limits: { followMs: 20, followers: 1 } });
    texts.set(build, { text: 'one\n', ended: false });
    const link = logUrl(url, logKey, build);
    const first = await open(link);
    expect((await readAll(link)).text).toContain('More may come: reload the page.');
    first.end();
    await expect
      .poll(async () => {
        const next = await open(link);
        await new Promise((resolve) => setTimeout(resolve, 60));
        next.end();
        return next.seen.ended;
      })
      .toBe(false);
  });

  it('closing the server ends it with what was read, at once', async () => {
    const { url, texts, server } = await start({ limits: { followMs: 60_000 } });
    texts.set(build, { text: 'one\n', ended: false });
    const { seen } = await open(logUrl(url, logKey, build));
    await expect.poll(() => seen.text).toContain('one');
    await server.close();
    await expect.poll(() => seen.ended).toBe(true);
    expect(seen.text).toContain('More may come: reload the page.');
  });
});
