import { STATUS_CODES } from 'node:http';

import type { Answer, Call } from './flow';
import { html, type Content } from './html';
import { headerMeaning, parameterMeaning } from './parameters';
import { answerOf } from './perform';
import { addressOf } from './send';
import { tokenView } from './token-view';
import type { Exchange } from './walk';

/** The headers of an answer that tell something here. */
const shownHeaders: readonly string[] = ['content-type', 'cache-control', 'www-authenticate', 'retry-after', 'location'];

const part = (name: string, value: string, meaning: string | undefined): Content =>
    html`<div><dt><code>${name}</code></dt><dd><code class="value">${value}</code>${meaning !== undefined && html`<span class="meaning">${meaning}</span>`}</dd></div>`;

const parts = (title: string, entries: readonly (readonly [string, string])[], meaningOf: (name: string, value: string) => string | undefined): Content => entries.length > 0 && html`
<p class="caption">${title}</p>
<dl class="parts">${entries.map(([name, value]) => part(name, value, meaningOf(name, value)))}</dl>`;

const quoted = (text: string): string => `'${text.replaceAll('\'', '\'\\\'\'')}'`;

/** The same request for a shell. */
const curlLine = (call: Call): string => [
    'curl -i',
    ...Object.entries(call.headers ?? {}).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    ...call.method === 'POST' ? Object.entries(call.parameters ?? {}).map(([name, value]) => `--data-urlencode ${quoted(`${name}=${value}`)}`) : [],
    quoted(addressOf(call))
].join(' \\\n  ');

/** A request, each part with what it is for. */
export const requestView = (call: Call, by: 'client' | 'browser'): Content => {

    const { method, url, headers = {}, parameters = {} } = call;
    return html`
<div class="card">
<p class="line"><span class="method">${method}</span> <code>${url}</code></p>
<p class="by">${by === 'browser' ? 'The browser sends it, since the client redirects it there.' : 'The client sends it from its server. No browser sees it.'}</p>
${parts('Headers', Object.entries(headers), headerMeaning)}
${parts(method === 'GET' ? 'In the query' : 'In the form', Object.entries(parameters), parameterMeaning)}
${by === 'client' && html`<details><summary>As a line for a shell</summary><pre tabindex="0" role="region" aria-label="Line for a shell"><code>${curlLine(call)}</code></pre></details>`}
</div>`;
};

/** Longer texts are shown by how they begin: signed tokens are decoded below. */
const longest = 100;

const shortened = (_name: string, value: unknown): unknown => (typeof value === 'string' && value.length > longest ? `${value.slice(0, 60)}… (${value.length} characters)` : value);

const written = (body: string, replacer?: typeof shortened): string => {

    try {
        return JSON.stringify(JSON.parse(body), replacer, 2);
    }
    catch {
        return body;
    }
};

const bodyView = (body: string): Content => {

    const [short, whole] = [written(body, shortened), written(body)];
    const block = (text: string, label: string): Content => html`<pre tabindex="0" role="region" aria-label="${label}"><code>${text}</code></pre>`;
    return html`<p class="caption">Body</p>${block(short, 'Body of the answer')}${short !== whole && html`<details><summary>The whole body</summary>${block(whole, 'Whole body of the answer')}</details>`}`;
};

const kindOf = (status: number): string => (status < 300 ? 'good' : status < 400 ? 'away' : 'bad');

const verdict = ({ outcome, answer }: Exchange, isPromised: boolean, startOver: Content): Content => {

    if (outcome !== undefined) {
        return html`<p class="verdict ${isPromised ? 'kept' : 'other'}" role="status"><strong>${isPromised ? 'As promised.' : 'Also possible.'}</strong> ${outcome.means}</p>`;
    }

    const isTooMany = answer.status === 429;
    const why = isTooMany ?
        'Too many wrong tries have come from this address, and the server answers none for a while: Retry-After says how long.' :
        'This is not what the step before would have led to. Look at the log below for the reason, then start over.';
    return html`<div class="verdict odd"><p role="status"><strong>Something else came.</strong> ${why}</p>${!isTooMany && startOver}</div>`;
};

const answerView = (answer: Answer): Content => {

    const { status, headers, body, values } = answer;
    const returned = status === 303 ? Object.entries(values).map(([name, value]) => [name, String(value)] as const) : [];
    const explained = status === 303 ? [] : Object.keys(values).filter((name) => parameterMeaning(name) !== undefined);
    return html`
<div class="card">
<p class="line"><span class="status ${kindOf(status)}">${status} ${STATUS_CODES[status] ?? ''}</span>${answerOf(answer) !== String(status) && html` <code>${answerOf(answer).slice(4)}</code>`}</p>
${parts('Headers', headers.filter(([name]) => shownHeaders.includes(name)), headerMeaning)}
${parts('What the browser brings', returned, parameterMeaning)}
${body !== '' && bodyView(body)}
${explained.length > 0 && html`<details><summary>What its members say</summary><dl class="parts plain">${explained.map((name) => html`<div><dt><code>${name}</code></dt><dd><span class="meaning">${parameterMeaning(name)}</span></dd></div>`)}</dl></details>`}
</div>`;
};

/** Where to go on from a request: what comes next, and what begins anew if something else came. */
export interface WaysOn {
    readonly next: Content;
    readonly startOver: Content;
}

/** A request and its answer. */
export const exchangeView = (exchange: Exchange, by: 'client' | 'browser', isPromised: boolean, { next, startOver }: WaysOn): Content => {

    const { call, answer, findings } = exchange;
    return html`
${verdict(exchange, isPromised, startOver)}
${next}
${findings.length > 0 && html`<div class="findings"><h3>The client looks</h3><ul class="looked">${findings.map(({ looksAt, isRight }) => html`<li class="${isRight ? 'right' : 'wrong'}"><span class="hidden">${isRight ? 'Right: ' : 'Wrong: '}</span>${looksAt}</li>`)}</ul></div>`}
<h3>Sent</h3>
${requestView(call, by)}
<h3>Received</h3>
${answerView(answer)}
${Object.entries(answer.values).map(([name, value]) => tokenView(name, value))}`;
};
