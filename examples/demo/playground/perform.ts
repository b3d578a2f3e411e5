import type { Server } from '@hapi/hapi';

import type { Answer, Flow, Outcome, Place, Sending, State, Step } from './flow';
import { send } from './send';
import type { LoggedEvent, Sent, Walk } from './walk';

/** Something that can be done: a step of a flow, or how not to do it. */
export type Doable = Step | Sending;

/** What is done under an id, and the step that it belongs to; the first step of the flow stands for one that it does not have. */
export const findAct = ({ steps }: Flow, id: unknown): { readonly act: Doable; readonly step: Step; readonly isKnown: boolean } => {

    for (const step of steps) {
        const act = step.id === id ? step : step.tampered?.find((one) => `${step.id}.${one.id}` === id);
        if (act !== undefined) {
            return { act, step, isKnown: true };
        }
    }

    return { act: steps[0], step: steps[0], isKnown: false };
};

/** The id of an act that no other act of its flow has. */
export const idOf = (step: Step, act: Doable): string => (act === step ? step.id : `${step.id}.${act.id}`);

/** Whether it went as promised; what a person does elsewhere the server's log tells. */
export const isDone = (step: Step, walk: Walk): boolean => (step.by === 'person' ? walk.events.some(({ what }) => what === step.doneBy) : walk.done.has(step.id));

/** Whether earlier steps have left everything that it takes. */
export const isReady = ({ needs = [] }: Pick<Sending, 'needs'>, walk: Walk): boolean => needs.every((name) => walk.find(name) !== undefined);

export const stateOf = (at: Place, walk: Walk): State => ({
    at,
    find: (name) => walk.find(name),
    kept: (name) => {

        const value = walk.find(name);
        if (value === undefined) {
            throw new Error(`The walk has kept no ${name}: name it in needs`);
        }

        return value;
    }
});

/** What came, in short: `400 invalid_grant`. The code is in the body, in the address, or in the challenge (RFC 6750 §3). */
export const answerOf = ({ status, headers, values }: Answer): string => {

    const [, challenge = ''] = headers.find(([name]) => name === 'www-authenticate') ?? [];
    const [, challenged] = /error="([^"]*)"/.exec(challenge) ?? [];
    const error = typeof values.error === 'string' && values.statusCode === undefined ? values.error : challenged;        // hapi's own errors name the status there
    return error === undefined || status === 200 ? String(status) : `${status} ${error}`;
};

/** The promised outcome that it was, by the answer and by what the server has logged since: why it refused, and what else happened. */
const outcomeOf = ({ outcomes }: Sending, answer: Answer, events: readonly LoggedEvent[]): Outcome | undefined => {

    const why = events.findLast(({ what }) => what === 'refused')?.data.reason;
    return outcomes.find((one) => one.answer === answerOf(answer) && [undefined, why].includes(one.reason) && (one.event === undefined || events.some(({ what }) => what === one.event)));
};

/** Takes an answer into the walk, as its client does: what is not believed is not kept. */
const take = async (walk: Walk, at: Place, { id, act, call, since }: Sent, answer: Answer, now: number): Promise<Outcome | undefined> => {

    const outcome = outcomeOf(act, answer, walk.eventsSince(since));
    const isGood = outcome !== undefined && (outcome === act.outcomes[0] || outcome.completes !== undefined);
    const findings = isGood || act.by === 'browser' ? await act.check?.(answer, stateOf(at, walk)) ?? [] : [];
    walk.add({ act: id, call, at: now, answer, outcome, findings });
    if (isGood && findings.every(({ isRight }) => isRight)) {
        walk.keep(act.keep?.(answer) ?? {});
        walk.done.add(outcome.completes ?? id);
    }

    return outcome;
};

/** Sends the request of an act over HTTP, as often as it says, or until an answer completes another step. */
export const sendAct = async (server: Server, walk: Walk, at: Place, id: string, act: Sending, clock: () => number): Promise<void> => {

    const call = act.request(stateOf(at, walk));
    for (let i = 0; i < (act.times ?? 1); ++i) {
        const since = walk.eventCount;
        const answer = await send(server, call, walk.id);
        const outcome = await take(walk, at, { id, act, call, since }, answer, clock());
        if (outcome?.completes !== undefined) {
            break;
        }
    }
};

/** What the browser came back with. Answers whether the client believes it: if not, it goes on waiting for the right one. */
export const takeReturn = async (walk: Walk, at: Place, sent: Sent, address: string, values: Readonly<Record<string, unknown>>, now: number): Promise<boolean> => {

    const answer: Answer = { status: 303, headers: [['location', address]], body: '', values };
    const findings = await sent.act.check?.(answer, stateOf(at, walk)) ?? [];
    if (!findings.every(({ isRight }) => isRight)) {
        return false;
    }

    walk.away = undefined;
    await take(walk, at, sent, answer, now);
    return true;
};
