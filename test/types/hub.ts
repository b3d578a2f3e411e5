import type { AuthCredentials, Request, ResponseToolkit } from '@hapi/hapi';

import {
    AuthorizationServerBuilder, OIDCAuthorizationCodeBuilder, clientSecretDigest,
    type AuthorizationRoute, type Client, type CountedFailures, type HandlerUtilities, type OnLogout, type RateLimitAttempt, type RateLimitHook, type RateLimitSetting, type RegistrationContext, type RegistrationDecision, type RegistrationLimits,
    type RegistrationMetadata, type RegistrationPolicy, type RegistrationRefusal, type RegistrationRoute, type StoredValue, type StrategyUser, type UserCredentials, type UserOfCredentials
} from '../../lib';
import { yes, type ContextOf, type Equals, type Flat } from './equals';

interface Attempt {
    readonly kind: 'signIn' | 'clientSecret' | 'refresh' | 'userCode' | 'interaction' | 'registration';
    readonly phase: 'before' | 'failed';
    readonly address: string;
    readonly clientId?: string | undefined;
    readonly username?: string | undefined;
}

interface Registering extends HandlerUtilities {
    readonly metadata: RegistrationMetadata;
    readonly client: Client | null;
    readonly data: StoredValue;
}

type FunctionIn<T> = Extract<T, (...args: never) => unknown>;
type RateLimitAnswer = boolean | { readonly retryAfter: number };

yes<Equals<Parameters<OnLogout>, [signedOut: { readonly subjects: readonly string[] }, request: Request, h: ResponseToolkit]>>();
yes<Equals<ReturnType<OnLogout>, unknown>>();
yes<Equals<Parameters<AuthorizationServerBuilder['onLogout']>, [handler: OnLogout]>>();

yes<Equals<Flat<RateLimitAttempt>, Flat<Attempt>>>();
yes<Equals<FunctionIn<RateLimitSetting>, RateLimitHook>>();
yes<Equals<Parameters<RateLimitHook>, [attempt: RateLimitAttempt, request: Request]>>();
yes<Equals<Awaited<ReturnType<RateLimitHook>>, RateLimitAnswer>>();
yes<Equals<Flat<CountedFailures>, { readonly failures: number; readonly seconds: number }>>();

yes<Equals<Parameters<UserOfCredentials>, [credentials: AuthCredentials]>>();
yes<Equals<ReturnType<UserOfCredentials>, StrategyUser | null>>();
yes<Equals<Flat<StrategyUser>, { readonly subject: string; readonly acr?: string | null | undefined; readonly name?: string | undefined; readonly amr?: readonly string[] | undefined; readonly authTime?: number | undefined }>>();
yes<Equals<Parameters<AuthorizationServerBuilder['setSessionStrategy']>, [name: string, user?: UserOfCredentials | undefined]>>();

yes<Equals<Parameters<RegistrationRoute['setPolicy']>, [policy: RegistrationPolicy]>>();
yes<Equals<ContextOf<RegistrationPolicy>, Flat<Registering>>>();
yes<Equals<Flat<RegistrationContext>, Flat<Registering>>>();
yes<Equals<Awaited<ReturnType<RegistrationPolicy>>, RegistrationDecision | RegistrationRefusal | null | undefined>>();
yes<Equals<Flat<RegistrationDecision>, { readonly metadata?: RegistrationMetadata | undefined; readonly allow?: RegistrationLimits | undefined; readonly verified?: boolean | undefined }>>();

type ParametersOf<E extends string> = Flat<UserCredentials<E>['parameters']>;

yes<Equals<ParametersOf<'organization'>, { readonly organization?: string }>>();
yes<Equals<keyof UserCredentials<'organization'>, 'username' | 'password' | 'acrValues' | 'parameters'>>();
yes<Equals<keyof ParametersOf<never>, never>>();

/** Written as users write: no casts, no `!`, no type arguments. */
export const hubs = [
    AuthorizationServerBuilder.create().onLogout(({ subjects, ...others }, request, h) => {

        yes<Equals<typeof subjects, readonly string[]>>();
        // @ts-expect-error: nothing else is told
        void others.sessionId;
        // @ts-expect-error: subjects are many
        void subjects.sub;
        h.unstate('session');
        request.log(['bye'], subjects.join());
    }),
    AuthorizationServerBuilder.create().setRateLimit(async (attempt, request) => {

        // @ts-expect-error: only some attempts are a client's
        attempt.clientId.trim();
        // @ts-expect-error: no password is told
        void attempt.password;
        // @ts-expect-error: no such kind
        void (attempt.kind === 'token');
        // @ts-expect-error: there are two phases
        void (attempt.phase === 'after');
        return await Promise.resolve(attempt.address === request.info.remoteAddress || { retryAfter: 30 });
    }),
    AuthorizationServerBuilder.create().setRateLimit(({ kind, phase }) => kind === 'signIn' && phase === 'before'),
    AuthorizationServerBuilder.create().setRateLimit({ signIn: { failures: 3, seconds: 60 }, refresh: false }).setRateLimit(false),
    AuthorizationServerBuilder.create().setLoginUrl('/login').setSessionStrategy('session', (credentials) => {

        yes<Equals<typeof credentials, AuthCredentials>>();
        // @ts-expect-error: hapi knows of no subject
        void credentials.subject;
        return credentials.user?.id === undefined ? null : { subject: credentials.user.id, authTime: 1, amr: ['pwd'] };
    }),
    AuthorizationServerBuilder.create().setSessionStrategy('session'),
    AuthorizationServerBuilder.create().allowRedirectSchemes(['cursor', 'vscode']).registrationRoute((route) => route.allow('open').setPolicy(async ({ metadata, client, data, error, ...ctx }, request) => {

        yes<Equals<typeof request, Request>>();
        yes<Equals<typeof data.team, unknown>>();
        // @ts-expect-error: a new client has no id yet
        void metadata.client_id;
        // @ts-expect-error: the policy never sees a secret
        void metadata.client_secret;
        // @ts-expect-error: nor its digest
        void metadata.client_secret_sha256;
        // @ts-expect-error: a new client is none yet
        void client.id;
        // @ts-expect-error: it is no context of a grant
        void ctx.grant;
        if (metadata.redirect_uris?.length === 0 || request.headers['x-token'] === undefined) {
            throw error('invalid_redirect_uri', 'None');
        }

        return await Promise.resolve(client === null ? { metadata: { ...metadata, client_name: 'A' }, allow: { scopes: ['a'] }, verified: true } : null);
    })),
    AuthorizationServerBuilder.create().setClients([{ client_id: 'nightly', client_secret_sha256: clientSecretDigest('a-random-secret-of-43-characters-in-base64url'), grant_types: ['client_credentials'] }]),
    AuthorizationServerBuilder.create().setClients([{ client_id: 'nightly', client_secret: undefined, client_secret_sha256: process.env.NIGHTLY_DIGEST }]),
    // @ts-expect-error: a digest is text
    AuthorizationServerBuilder.create().setClients([{ client_id: 'nightly', client_secret_sha256: Buffer.alloc(32) }]),
    AuthorizationServerBuilder.create().registrationRoute((route) => route.setPolicy(() => undefined)),
    AuthorizationServerBuilder.create().registrationRoute((route) => route.setPolicy(() => ({ error: 'invalid_client_metadata', error_description: 'No' })))
];

/** The names of extra parameters reach the handlers that are set after them, of whichever order and however many. */
export const extras = OIDCAuthorizationCodeBuilder.create().authorizationRoute((route) => {

    const named = route.setExtraParameters('organization', 'screen_hint');
    yes<Equals<typeof named, AuthorizationRoute<'organization' | 'screen_hint'>>>();
    return named
        .authenticateUser(({ parameters: { organization, screen_hint: hint, ...others } }) => {

            yes<Equals<typeof organization, string | undefined>>();
            yes<Equals<typeof hint, string | undefined>>();
            // @ts-expect-error: a parameter that was not named
            void others.tenant;
            return organization ?? null;
        })
        .issueCode(({ parameters, defaultResponse }) => {

            yes<Equals<Flat<typeof parameters>, { readonly organization?: string; readonly screen_hint?: string }>>();
            // @ts-expect-error: it may not have been sent
            parameters.organization.trim();
            // @ts-expect-error: a parameter that was not named
            void parameters.tenant;
            return defaultResponse();
        });
});

export const mistakes = () => {

    const hub = AuthorizationServerBuilder.create();
    // @ts-expect-error: a function
    hub.onLogout('bye');
    // @ts-expect-error: seconds, by name
    hub.setRateLimit(() => 30);
    // @ts-expect-error: no such limit
    hub.setRateLimit({ tokens: { failures: 1, seconds: 1 } });
    // @ts-expect-error: it is switched off, not on
    hub.setRateLimit(true);
    // @ts-expect-error: who has signed in, or null
    hub.setSessionStrategy('session', () => undefined);
    // @ts-expect-error: seconds since the epoch
    hub.setSessionStrategy('session', () => ({ subject: 'a', authTime: new Date() }));
    // @ts-expect-error: a subject
    hub.setSessionStrategy('session', ({ user }) => ({ subject: user?.id }));
    // @ts-expect-error: nobody verifies by a word
    hub.registrationRoute((route) => route.setPolicy(() => ({ verified: 'yes' })));
    // @ts-expect-error: open, or with a token
    hub.registrationRoute((route) => route.allow('everybody'));
    // @ts-expect-error: a list
    hub.allowRedirectSchemes('cursor');
    // @ts-expect-error: names are texts
    OIDCAuthorizationCodeBuilder.create().authorizationRoute((route) => route.setExtraParameters({ organization: true }));
    // @ts-expect-error: it may not have been sent
    hub.authenticateUser(({ parameters }) => parameters.organization.trim());
};
