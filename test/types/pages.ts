import type { Request, ResponseToolkit } from '@hapi/hapi';

import { AuthorizationServerBuilder, type HiddenField, type PageContext, type PageLanguage, type PageModels, type PageName, type PageRenderers, type Permission, type ShownClient } from '../../lib';
import { yes, type ContextOf, type Equals, type Flat } from './equals';

interface Form {
    readonly action: string;
    readonly hidden: readonly HiddenField[];
}

interface Fields {
    readonly usernameField: string;
    readonly passwordField: string;
    readonly username?: string | undefined;
}

interface Account {
    readonly value: string;
    readonly name: string;
    readonly detail?: string | undefined;
}

interface Granted {
    readonly value: string;
    readonly client: Client;
    readonly permissions: readonly Permission[];
    readonly since: number;
    readonly lastUsed: number | undefined;
}

interface Client {
    readonly name: string;
    readonly isVerified: boolean;
    readonly logoUri?: string | undefined;
    readonly clientUri?: string | undefined;
    readonly policyUri?: string | undefined;
    readonly tosUri?: string | undefined;
}

interface Resource {
    readonly uri: string;
    readonly name: string;
}

/** What each page is rendered from, written out. */
interface Models {
    readonly signIn: Form & Fields & { readonly client: Client | undefined; readonly errorMessage: string | undefined; readonly links: readonly { readonly href: string; readonly text: string }[] };
    readonly chooseAccount: Form & { readonly client: Client | undefined; readonly accounts: readonly Account[] };
    readonly consent: Form & { readonly client: Client; readonly permissions: readonly Permission[]; readonly resources: readonly Resource[]; readonly destination: string; readonly account: string | undefined; readonly canChangeAccount: boolean };
    readonly deviceCode: Form & { readonly userCode: string | undefined; readonly credentials: Fields | undefined; readonly errorMessage: string | undefined };
    readonly deviceConsent: Form & { readonly client: Client; readonly permissions: readonly Permission[]; readonly resources: readonly Resource[]; readonly userCode: string; readonly account: string; readonly canChangeAccount: boolean };
    readonly deviceDone: { readonly outcome: 'connected' | 'denied' | 'gone'; readonly reference?: string | undefined };
    readonly logout: Form & { readonly accounts: readonly string[] };
    readonly signedOut: { readonly outcome: 'signed-out' | 'stayed'; readonly back?: { readonly href: string; readonly client: Client } | undefined };
    readonly interrupted: { readonly reason: 'expired' | 'used' | 'other-browser' | 'shown-once' | 'nothing-waits'; readonly restart: string | undefined; readonly reference: string };
    readonly grants: Form & { readonly account: string; readonly otherAccounts: readonly { readonly href: string; readonly text: string }[]; readonly errorMessage?: string | undefined; readonly reference?: string | undefined; readonly grants: readonly Granted[]; readonly withdrawn: Client | undefined; readonly more?: string | undefined };
    readonly formPost: { readonly action: string; readonly parameters: readonly HiddenField[] };
    readonly error: { readonly code: string; readonly statusCode: number; readonly description: string | undefined; readonly reference: string };
}

/** An object type all the way down, so that interfaces of two names are one. */
type Deep<T> = T extends readonly (infer I)[] ? readonly Deep<I>[] : T extends object ? { [K in keyof T]: Deep<T[K]> } : T;
type Written<N extends PageName> = Deep<Models[N]>;
type Given<N extends PageName> = Deep<PageModels[N]>;
type Renderer<N extends PageName> = NonNullable<PageRenderers[N]>;

yes<Equals<PageName, keyof Models>>();
yes<Equals<keyof PageRenderers, keyof Models>>();
yes<Equals<Deep<ShownClient>, Deep<Client>>>();
yes<Equals<Flat<HiddenField>, { readonly name: string; readonly value: string }>>();
yes<Equals<Flat<Permission>, { readonly scope: string; readonly text: string }>>();
yes<Equals<Given<'signIn'>, Written<'signIn'>>>();
yes<Equals<Given<'chooseAccount'>, Written<'chooseAccount'>>>();
yes<Equals<Given<'consent'>, Written<'consent'>>>();
yes<Equals<Given<'deviceCode'>, Written<'deviceCode'>>>();
yes<Equals<Given<'deviceConsent'>, Written<'deviceConsent'>>>();
yes<Equals<Given<'deviceDone'>, Written<'deviceDone'>>>();
yes<Equals<Given<'logout'>, Written<'logout'>>>();
yes<Equals<Given<'signedOut'>, Written<'signedOut'>>>();
yes<Equals<Given<'interrupted'>, Written<'interrupted'>>>();
yes<Equals<Given<'grants'>, Written<'grants'>>>();
yes<Equals<Given<'formPost'>, Written<'formPost'>>>();
yes<Equals<Given<'error'>, Written<'error'>>>();
yes<Equals<ContextOf<Renderer<'consent'>>, Flat<PageModels['consent'] & PageLanguage>>>();
yes<Equals<ContextOf<Renderer<'error'>>, Flat<PageContext<'error'>>>>();
yes<Equals<keyof PageLanguage, 'locale' | 'texts' | 'scopes' | 'dir'>>();

/** Written as users write: no casts, no `!`, no type arguments. */
export const hub = AuthorizationServerBuilder.create().setPages({
    signIn: ({ errorMessage, links, texts, locale, dir, ...model }, request, h) => {

        yes<Equals<typeof request, Request>>();
        yes<Equals<typeof h, ResponseToolkit>>();
        yes<Equals<typeof dir, 'ltr' | 'rtl'>>();
        yes<Equals<typeof model.username, string | undefined>>();
        // @ts-expect-error: nobody knows the account yet
        void model.account;
        // @ts-expect-error: the client may be unknown
        void model.client.name;

        return h.view('sign-in', { errorMessage, links, title: texts.signInTitle, locale });
    },
    chooseAccount: ({ accounts, ...model }) => {

        // @ts-expect-error: no password is entered here
        void model.passwordField;
        return accounts.map(({ name, detail }) => detail?.toUpperCase() ?? name).join();
    },
    consent: async ({ client, permissions, destination, ...model }) => {

        // @ts-expect-error: the page never sees the record of a client
        void client.client_id;
        // @ts-expect-error: what is granted is said in `permissions`
        void model.scope;
        return await Promise.resolve(`${client.name} ${permissions.length} ${destination}`);
    },
    deviceCode: ({ credentials, ...model }, _request, h) => {

        // @ts-expect-error: somebody may have signed in
        void credentials.usernameField;
        // @ts-expect-error: not known before the code
        void model.client;
        return h.continue;
    },
    deviceConsent: ({ userCode, ...model }) => {

        yes<Equals<typeof userCode, string>>();
        // @ts-expect-error: a device is nowhere
        void model.destination;
        return userCode;
    },
    deviceDone: ({ outcome, ...model }) => {

        // @ts-expect-error: there is nothing to post
        void model.hidden;
        // @ts-expect-error: no such outcome
        return outcome === 'expired' ? 'no' : outcome;
    },
    logout: ({ accounts: [account], ...model }) => {

        // @ts-expect-error: nobody has signed out yet
        void model.outcome;
        return account ?? 'nobody';
    },
    signedOut: ({ outcome, back, ...model }) => {

        // @ts-expect-error: there may be no way back
        void back.href;
        // @ts-expect-error: there is nothing to post
        void model.action;
        return back?.href ?? outcome;
    },
    interrupted: ({ reason, restart }) => {

        // @ts-expect-error: no such reason
        void (reason === 'denied');
        // @ts-expect-error: only the client may know where to start again
        restart.trim();
        return restart ?? reason;
    },
    grants: ({ grants, withdrawn }) => {

        // @ts-expect-error: a grant's own id stays here
        void grants[0].id;
        return withdrawn?.name ?? grants.map(({ lastUsed = 0, since }) => String(lastUsed - since)).join();
    },
    formPost: ({ parameters, ...model }) => {

        // @ts-expect-error: the parameters are a list
        void parameters.code;
        return model.action;
    },
    error: ({ code, reference, description, ...model }) => {

        // @ts-expect-error: what was thrown is told to nobody
        void model.cause;
        // @ts-expect-error: there may be none
        description.trim();
        return `${code} ${reference} ${model.statusCode}`;
    }
});

export const mistakes = () => {

    // @ts-expect-error: there is no such page
    AuthorizationServerBuilder.create().setPages({ register: () => 'a' });
    // @ts-expect-error: a page is rendered by a function
    AuthorizationServerBuilder.create().setPages({ signIn: '<form>' });
    // @ts-expect-error: the model of another page
    AuthorizationServerBuilder.create().setPages({ logout: ({ client }) => client });
};
