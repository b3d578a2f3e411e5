import type { Flow } from './flow';
import { flows } from './flows';
import { html, type Content, type Html } from './html';
import { page } from './page';
import { isDone } from './perform';
import type { Session } from './sessions';

const progress = ({ id, steps }: Flow, session: Session | undefined): Content => {

    const walk = session?.walk(id);
    const done = walk === undefined ? 0 : steps.filter((step) => isDone(step, walk)).length;
    return done === 0 ? `${steps.length} steps` : `${done} of ${steps.length} steps done`;
};

const wrongWays = ({ steps }: Flow): string => {

    const count = steps.reduce((sum, { tampered = [] }) => sum + tampered.length, 0);
    return count === 1 ? 'one way to do it wrong' : `${count} ways to do it wrong`;
};

/** The list of flows. `elsewhere` is the address that the server is known by, where the browser is at another one. */
export const homePage = (tryIt: string, session: Session | undefined, elsewhere: string | undefined): Html => page('OAuth playground', html`
<div class="hero">
<h1>OAuth and OpenID Connect, one request at a time</h1>
<p class="lead">Walk each flow as a real client does: see what is sent and what comes back, read every token, and watch what the server logs. Then do it wrong, and see what stops you.</p>
<p class="login"><span>Sign in as</span> <code>ada</code> <span>with the password</span> <code>lovelace</code></p>
</div>
${elsewhere !== undefined && html`<p class="note" role="note">This server is known as <a href="${elsewhere}">${elsewhere}</a>: open the playground there, or sign-ins cannot come back.</p>`}
<h2 class="hidden">Flows</h2>
<ul class="flows">${flows.map((flow) => html`<li><a class="flow" href="/playground/${flow.id}">
<span class="who">${flow.who}</span>
<h3>${flow.title}</h3>
<span class="summary">${flow.summary}</span>
<span class="count">${progress(flow, session)}, ${wrongWays(flow)}</span>
</a></li>`)}</ul>
<section class="shell"><h2>In a shell</h2>
<p>The same with curl: these lines work when they are pasted.</p>
<details><summary>Show the lines</summary><pre tabindex="0" role="region" aria-label="Lines for a shell"><code>${tryIt}</code></pre></details></section>`);
