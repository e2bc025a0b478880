import { html, Html } from './html.js';
import { STYLE } from './style.js';

const STYLE_ELEMENT = new Html(`<style>${STYLE}</style>`);

/** The frame that every page shares: a whole HTML document. */
export function page(title: string, body: Html): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${title} · mcp-sso</title>
        ${STYLE_ELEMENT}
      </head>
      <body>
        <main>
          <div class="mark">
            <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" aria-hidden="true">
              <path d="M12 3l7 3v5c0 4.6-3 8.2-7 10-4-1.8-7-5.4-7-10V6z" />
              <path d="M9 12l2 2 4-4" /></svg
            ><span>mcp-sso</span>
          </div>
          ${body}
        </main>
      </body>
    </html>`.text;
}
