import { exchangeView, requestView } from './exchange-view';
import type { Flow, Place, Sending, Step } from './flow';
import { html, prose, type Content, type Html } from './html';
import { logView } from './log-view';
import { page } from './page';
import { findAct, idOf, isDone, isReady, stateOf, type Doable } from './perform';
import { qrCode } from './qr';
import type { Exchange, Walk } from './walk';

/** What a page has to say about how one came to it. */
const notes: Readonly<Record<string, string>> = {
    stale: 'Your page was older than your walk, or you pressed twice: nothing was sent. This is where you are.',
    early: 'That step needs something that an earlier one leaves. Do this one first.',
    forgotten: 'The playground had forgotten your walk, since you were away for long or the server was started anew. It begins here.',
    unknown: 'There is no such step. This is where you are.'
};

interface Shown {
    readonly flow: Flow;
    readonly walk: Walk;
    readonly at: Place;
}

/** The first step that was not done yet; the last one, once all were. */
export const nextStep = ({ flow: { steps }, walk }: Pick<Shown, 'flow' | 'walk'>): Step =>
    steps.find((step) => !isDone(step, walk) && isReady(step, walk)) ?? steps.at(-1) ?? steps[0];

const form = ({ flow, walk }: Shown, id: string, label: string, kind: string, describedBy?: string): Content => html`
<form method="post" action="/playground/${flow.id}"><input type="hidden" name="act" value="${id}"><input type="hidden" name="turn" value="${walk.turn}"><button class="${kind}"${describedBy !== undefined && html` aria-describedby="${describedBy}"`}>${label}</button></form>`;

const notReady = (shown: Shown): Content => {

    const next = nextStep(shown);
    return html`<p class="wait">First: <a href="/playground/${shown.flow.id}?step=${next.id}#step">${next.title}</a></p>`;
};

const tamperedView = (shown: Shown, step: Step, act: Sending): Content => {

    const id = idOf(step, act);
    const [{ answer }] = act.outcomes;
    return html`<li>
<h4 id="t-${act.id}">${act.title}</h4>
<p>${prose(act.says)} <span class="promise">Promised: <code>${answer}</code></span></p>
${isReady(act, shown.walk) ? form(shown, id, act.does, 'small', `t-${act.id}`) : notReady(shown)}
</li>`;
};

const handing = ({ walk, at }: Shown, step: Step): Content => {

    if (step.by !== 'person' || !isReady(step, walk)) {
        return undefined;
    }

    const address = step.address(stateOf(at, walk));
    return html`<div class="handing"><div class="screen">${qrCode(address, 'QR code of the page')}<p class="usercode"><span>Code</span> <code>${walk.find(step.shows)}</code></p></div>
<p><a class="button" href="${address}" target="_blank" rel="noopener">${step.does}<span class="hidden"> in another tab</span></a></p></div>`;
};

const currentStep = (shown: Shown, step: Step): Content => html`
<div class="open" id="step">
<p>${prose(step.says)}</p>
${handing(shown, step)}
${!isReady(step, shown.walk) ? notReady(shown) : step.by !== 'person' && form(shown, step.id, step.does, 'primary')}
${step.checks !== undefined && html`<details><summary>What is checked</summary><ol class="checks">${step.checks.map((check) => html`<li>${prose(check)}</li>`)}</ol></details>`}
${step.tampered !== undefined && html`<section class="tampered"><h3>Do it wrong</h3><ul>${step.tampered.map((act) => tamperedView(shown, step, act))}</ul></section>`}
</div>`;

const stepsView = (shown: Shown, current: Step): Content => html`
<ol class="steps">${shown.flow.steps.map((step, index) => {

        const hasDone = isDone(step, shown.walk);
        const number = html`<span class="number" aria-hidden="true">${hasDone ? '✓' : index + 1}</span>`;
        return step === current ?
            html`<li class="current${hasDone && ' done'}" aria-current="step"><h2>${number}${step.title}${hasDone && html`<span class="hidden"> (done)</span>`}</h2>${currentStep(shown, step)}</li>` :
            html`<li class="${hasDone && 'done'}"><a class="step" href="/playground/${shown.flow.id}?step=${step.id}#step">${number}${step.title}${hasDone && html`<span class="hidden"> (done)</span>`}</a></li>`;
    })}</ol>`;

const byOf = (act: Doable): 'client' | 'browser' => (act.by === 'browser' ? 'browser' : 'client');

const keptView = ({ walk }: Shown, values: readonly string[]): Content => html`<div class="card"><dl class="parts">${values.map((name) => html`<div><dt><code>${name}</code></dt><dd><code class="value">${walk.find(name) ?? 'not yet'}</code></dd></div>`)}</dl></div>`;

const startOver = (shown: Shown): Content => form(shown, 'start-over', 'Start over', 'plain');

/** Where a step that was done leads: to the next one; from the last one to other flows, or to its beginning. */
const nextView = (shown: Shown, step: Step): Content => {

    const { flow, walk } = shown;
    const next = flow.steps[flow.steps.indexOf(step) + 1];
    if (!isReady(step, walk) || (step.by !== 'person' && !isDone(step, walk))) {
        return undefined;
    }

    return next === undefined ?
        html`<div class="actions"><a class="button" href="/">Done: try another flow</a>${startOver(shown)}</div>` :
        html`<p class="actions"><a class="button" href="/playground/${flow.id}?step=${next.id}#step">Next: ${next.title}</a></p>`;
};

/** What the right side shows: the exchange, or what would be sent. */
const panel = (shown: Shown, step: Step, exchange: Exchange | undefined): Content => {

    if (exchange !== undefined) {
        const { act } = findAct(shown.flow, exchange.act);
        const isPromised = (act.by === 'client' || act.by === 'browser') && exchange.outcome === act.outcomes[0];
        return html`<h2>${act.title}</h2>${exchangeView(exchange, byOf(act), isPromised, { next: nextView(shown, step), startOver: form(shown, 'start-over', 'Start over', 'small') })}<p class="actions up"><a class="button" href="#step">Back to the step</a></p>`;
    }

    if (step.by === 'itself') {
        return html`<h2>${step.title}</h2>${isDone(step, shown.walk) ? keptView(shown, Object.keys(step.make())) : html`<p class="quiet">The client has made up nothing yet.</p>`}`;
    }

    if (step.by === 'person') {
        return html`<h2>${step.title}</h2><p class="quiet">This happens between the person and the server. The client sees nothing of it, and has to ask.</p>`;
    }

    return isReady(step, shown.walk) ?
        html`<h2>About to be sent</h2>${requestView(step.request(stateOf(shown.at, shown.walk)), byOf(step))}` :
        html`<h2>${step.title}</h2><p class="quiet">Nothing to show yet: an earlier step leaves what this one needs.</p>`;
};

const historyView = ({ flow, walk: { exchanges } }: Shown, exchange: Exchange | undefined): Content => exchanges.length > 1 && html`
<details class="history"><summary>All requests of this walk (${exchanges.length})</summary><ol>${exchanges.map((one, index) => {

    const { act, step } = findAct(flow, one.act);
    return html`<li><a href="/playground/${flow.id}?step=${step.id}&amp;exchange=${index + 1}#exchange"${one === exchange && html` aria-current="true"`}>${act.title}</a></li>`;
})}</ol></details>`;

/** A flow at one of its steps; `number` chooses one of its exchanges, counted from 1. */
export const flowPage = (shown: Shown, stepId: unknown, number: unknown, note: unknown): Html => {

    const { flow, walk } = shown;
    const found = findAct(flow, stepId);
    const step = found.isKnown ? found.step : nextStep(shown);
    const own = walk.exchanges.filter(({ act }) => findAct(flow, act).step === step);
    const chosen = walk.exchanges[Number(number) - 1];
    const exchange = chosen !== undefined && own.includes(chosen) ? chosen : own.at(-1);
    const text = typeof note === 'string' && Object.hasOwn(notes, note) ? notes[note] : undefined;
    return page(`${step.title}: ${flow.title}`, html`
<div class="title"><p class="crumbs"><a href="/">All flows</a></p>
<h1>${flow.title}</h1>
<p class="lead">${prose(flow.intro)}</p>
<ul class="links">${flow.specs.map(({ name, url }) => html`<li><a href="${url}" rel="noreferrer">${name}</a></li>`)}</ul></div>
${text !== undefined && html`<p class="note" role="alert">${text}</p>`}
<div class="walk">
<section class="left" aria-label="Steps">${stepsView(shown, step)}${startOver(shown)}</section>
<div class="right">
<section class="panel" id="exchange" aria-label="Request and answer">${panel(shown, step, exchange)}
${nextView(shown, step)}
${historyView(shown, exchange)}</section>
<section class="panel log" aria-labelledby="log-title"><h2 id="log-title">The server's log</h2><p class="quiet">Events of this walk, as the app's own listener gets them. No event holds a secret or a token.</p><ol id="log" aria-live="polite" aria-relevant="additions">${logView(walk.events)}</ol></section>
</div></div>`, `/playground/${flow.id}/log`);
};
