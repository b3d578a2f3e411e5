import type { Request } from '@hapi/hapi';

import type { ExtraParameters } from '../endpoints/authenticate-user';
import { Browser, type BrowserContext } from '../endpoints/browser';
import { shownClient } from '../endpoints/client-on-page';
import type { WaitingRequests } from '../endpoints/waiting-requests';
import type { ShownClient } from '../pages/shown-client';
import { Form } from '../protocol/form';
import { publicUrl } from '../protocol/issuer';
import { withParameters } from '../protocol/redirect-uri';
import type { Interaction, Interactions } from '../sessions/interaction';

/** The client that a user signs in for. */
export interface WaitingClient extends ShownClient {
    /** Its `client_id`. */
    readonly id: string;
}

/** What waits for its user to sign in, as the client asked for it. Everything but `client` is the client's word alone: show it as text. */
export interface WaitingInteraction<E extends string = string> {
    /** Its reference, for `login({ interaction })`. */
    readonly interaction: string;
    /** Where the browser goes on once its user has signed in: the whole URL, at this server. */
    readonly returnTo: string;
    /** `null` where no client has asked: the account page, the page for devices. */
    readonly client: WaitingClient | null;
    /** What the client may get of what it asked for. */
    readonly scopes: readonly string[];
    /** What the user is probably called. */
    readonly loginHint: string | undefined;
    /** Languages, the dearest first. */
    readonly uiLocales: readonly string[];
    /** How much the client would like the sign-in to prove, the dearest first. */
    readonly acrValues: readonly string[];
    /** `login`, `consent`, `select_account`: how the client wants the user to be asked (OpenID Connect Core §3.1.2.1). */
    readonly prompts: readonly string[];
    /** How many seconds ago the user may have signed in, `default_max_age` of the client included; `undefined`: it does not matter. */
    readonly maxAge: number | undefined;
    /** The parameters that `setExtraParameters()` names, such as `organization`. */
    readonly parameters: ExtraParameters<E>;
}

/** What waiting interactions are read with. */
export interface WaitingContext {
    readonly browsers: BrowserContext;
    readonly interactions: Pick<Interactions, 'find'>;
    readonly requests: WaitingRequests;
    readonly issuer: () => string;
}

/** The interaction of this browser that a page was opened for: the one that is named, else the one of its parameter, else the browser's last one; `null` if there is none. */
export const interactionOf = async (request: Request, browser: Browser, interactions: Pick<Interactions, 'find'>, named?: string): Promise<Interaction | null> => {

    const { mark } = browser;
    const ref = named ?? Form.from(request.query).first('interaction') ?? Form.from(request.payload).first('interaction') ?? mark?.latest ?? null;
    return mark === null || ref === null ? null : await interactions.find(ref, mark.secret);
};

/** What waits in the browser of a request; `null` for nothing that could go on. */
export function waitingInteraction<E extends string>(request: Request, context: WaitingContext, named?: string): Promise<WaitingInteraction<E> | null>;
export async function waitingInteraction(request: Request, { browsers, interactions, requests, issuer }: WaitingContext, named?: string): Promise<WaitingInteraction | null> {

    const found = await interactionOf(request, new Browser(browsers, request, request.generateResponse(null)), interactions, named);
    const asked = found?.state === 'open' ? await requests.read(found) : null;
    if (found === null || asked === null) {
        return null;
    }

    const { ref, next, search } = found;
    return {
        interaction: ref,
        returnTo: publicUrl(issuer(), withParameters(next, { interaction: ref })),
        client: asked === undefined ? null : { id: asked.client.id, ...shownClient(asked.client) },
        scopes: asked?.target.scopes ?? [],
        loginHint: asked?.loginHint,
        uiLocales: (Form.fromSearch(search).first('ui_locales') ?? '').split(' ').filter((tag) => tag !== ''),
        acrValues: asked?.acrValues ?? [],
        prompts: asked?.prompts ?? [],
        maxAge: asked?.maxAge,
        parameters: { ...asked?.parameters }
    };
}
