import type { Lifecycle, Request, ResponseToolkit } from '@hapi/hapi';

import { OAuth2Error } from '../error';
import { readState } from '../protocol/authorization-request';
import type { Form } from '../protocol/form';
import { withParameters } from '../protocol/redirect-uri';
import { readResponseMode, responseModes, type ResponseMode } from '../protocol/response-mode';
import { Stored } from '../stores/stored';
import { refusalOf } from './error-reply';
import type { Pages } from './pages';

/** Where the answer to an authorization request goes, and what it always says (RFC 6749 §4.1.2, RFC 9207 §2). */
export interface ReplyAddress {
    readonly redirectUri: string;
    readonly mode: ResponseMode;
    readonly state: string | undefined;
    readonly iss: string;
}

/** What an authorization response says. */
export type ReplyMembers = Readonly<Record<string, string | undefined>>;

/** The state to send back: none where it was sent twice, since nobody knows which one the client keeps, and none that would come back as another one. */
export const stateOf = (form: Form): string | undefined => readable(() => readState(form));

/** How the client wants its answer; as a query where it says something that nobody understands. */
export const modeOf = (form: Form): ResponseMode => readable(() => readResponseMode(form)) ?? 'query';

const readable = <T>(read: () => T): T | undefined => {

    try {
        return read();
    }
    catch {
        return undefined;
    }
};

/** The members of the answer that says no (RFC 6749 §4.1.2.1). */
export const refusalMembers = (error: string, description: string | undefined): ReplyMembers => ({ error, error_description: description });

/** An answer as the URL that it is, or would be if it were not posted. */
export const replyUri = ({ redirectUri, mode, state, iss }: ReplyAddress, members: ReplyMembers): string =>
    withParameters(redirectUri, { ...members, state, iss }, mode === 'fragment' ? '#' : '?');

/** An answer as a text, to be given again to the user whom it is about. */
export const writeReply = (address: ReplyAddress, members: ReplyMembers, subject: string): string => JSON.stringify({ address, members, subject });

/** What {@link writeReply} wrote; throws for anything else. */
export const readReply = (text: string): { readonly address: ReplyAddress; readonly members: ReplyMembers; readonly subject: string } => {

    const stored = new Stored('reply', JSON.parse(text));
    const address = new Stored('reply', stored.object('address'));
    const members = new Stored('reply', stored.object('members'));
    const mode = responseModes.find((known) => known === address.text('mode'));
    if (mode === undefined) {
        throw new Error('The store answered a reply whose mode is not what was written');
    }

    return {
        subject: stored.text('subject'),
        address: {
            redirectUri: address.text('redirectUri'),
            mode,
            state: address.textOrNull('state') ?? undefined,
            iss: address.text('iss')
        },
        members: membersIn(members)
    };
};

/** A code, or a refusal: whatever else there is, there is one of them. */
const membersIn = (stored: Stored): ReplyMembers => {

    const error = stored.textOrNull('error');
    return error === null ? { code: stored.text('code') } : refusalMembers(error, stored.textOrNull('error_description') ?? undefined);
};

/** Where an answer is sent from. */
export interface ReplyVisit {
    readonly request: Request;
    readonly h: ResponseToolkit;
    readonly uiLocales: string | undefined;
}

/** Sends the browser to the client with an answer: by redirect, or with a form that posts itself (OAuth 2.0 Form Post Response Mode §2). */
export const sendReply = async (address: ReplyAddress, members: ReplyMembers, pages: Pages, { request, h, uiLocales }: ReplyVisit): Promise<Lifecycle.ReturnValue> => {

    const { redirectUri, mode, state, iss } = address;
    if (mode !== 'form_post') {
        return h.redirect(replyUri(address, members));
    }

    const parameters = Object.entries({ ...members, state, iss }).flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
    return await pages.show('formPost', { action: redirectUri, parameters }, request, h, { look: pages.look(request, uiLocales) });
};

/** What the client is told of a failure, and what the request log learns of why; what a handler or a store threw is for the log alone. */
export const refusalReply = (thrown: unknown, request: Request, clientId?: string): ReplyMembers => {

    const error = thrown instanceof OAuth2Error ? thrown : new OAuth2Error('server_error', undefined, { cause: thrown });
    const { code, made: { statusCode, payload: { error_description: description } } } = refusalOf(request, error, clientId);
    if (statusCode >= 500) {
        request.log(['oauth', 'error'], error);                 // hapi logs the failures it answers, and this one ends as a redirect
    }

    const told = code === 'server_error' ? 'The server could not answer this request' : description;
    return refusalMembers(code, typeof told === 'string' ? told : undefined);
};
