import type { Outgoing } from '../request.ts';
import { type Html, html } from './markup.ts';

const style = `
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1f2328; }
a { color: #0969da; text-decoration: none } a:hover { text-decoration: underline }
h1 { font-size: 1.5rem } h1 small, .faint { color: #656d76; font-weight: normal }
code, pre { font: 13px ui-monospace, monospace; background: #f6f8fa; border-radius: 4px; padding: 1px 4px }
pre { padding: .6rem; overflow: auto } table { border-collapse: collapse } td, th { border: 1px solid #d1d9e0; padding: 2px 8px; text-align: left }
.box { border: 1px solid #d1d9e0; border-radius: 6px; margin: 1rem 0; padding: .5rem 1rem }
.state { color: #fff; border-radius: 1rem; padding: 1px 10px; background: #656d76 }
.open, .success { background: #1a7f37 } .merged { background: #8250df } .closed, .failure, .timed_out, .cancelled { background: #cf222e }
.label { border: 2px solid; border-radius: 1rem; padding: 1px 10px; font-size: 13px } .ended { background: #f6f8fa }
.action_required, .in_progress { background: #9a6700 }
summary { cursor: pointer; padding: .2rem 0 } button { font: inherit; padding: .4rem 1rem }
`;

/** A whole page: no script, nothing from elsewhere. */
export function sendPage(title: string, content: Html, status = 200, formTarget = "'self'"): Outgoing {
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>
<style>${{ html: style }}</style></head>
<body><p class="faint"><a href="/">Stand-in GitHub</a>: runs on this machine, for trying things out.</p>
${content}
</body></html>`;
  return {
    status,
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': `default-src 'none'; style-src 'unsafe-inline'; form-action ${formTarget}; base-uri 'none'; frame-ancestors 'none'`,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
    },
    body: page.html,
    operation: 'page',
    actor: { kind: 'anonymous' },
    counted: false,
  };
}
