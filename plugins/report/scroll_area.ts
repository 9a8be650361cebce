import { Html, html } from "../formats/html/html.ts";

/** Begins an area that scrolls by itself; keys reach it as well, and it has a name for who can't see it. */
export function scrollArea(label: string): Html {
  return new Html(html`<div class="scroll" role="region" tabindex="0" aria-label="${label}">`.text);
}
