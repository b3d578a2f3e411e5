import { meaningOf } from './event-log';
import { html, type Content } from './html';
import type { LoggedEvent } from './walk';

const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** What the server has logged of a walk, the newest first. */
export const logView = (events: readonly LoggedEvent[]): Content => (events.length === 0 ?
    html`<li class="nothing">Nothing yet.</li>` :
    [...events].reverse().map(({ at, what, data }) => html`<li>
<p class="event"><time datetime="${new Date(at).toISOString()}">${new Date(at).toISOString().slice(11, 19)}</time> <span class="what ${what}">${what}</span></p>
${meaningOf(what) !== undefined && html`<p class="meaning">${meaningOf(what)}</p>`}
<dl class="data">${Object.entries(data).map(([name, value]) => html`<div><dt>${name}</dt><dd><code>${shown(value)}</code></dd></div>`)}</dl>
</li>`));
