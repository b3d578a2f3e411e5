import { createHash } from 'node:crypto';

import type { Lifecycle, Request, ResponseToolkit, ServerRoute } from '@hapi/hapi';

import type { Client } from '../clients/client';
import { OAuth2Error } from '../error';
import { approveDevice, denyDevice, findDevice, type DigestUserCode, type WaitingDevice } from '../grant-types/device-state';
import { permissionsOf } from '../pages/permissions';
import { Form } from '../protocol/form';
import type { Secrets } from '../protocol/secrets';
import { readUserCode } from '../protocol/user-code';
import type { Store } from '../stores/store';
import { authenticatedUser, requireAuthenticateUser, type AuthenticateUser, type SignedIn } from './authenticate-user';
import { shownClient } from './client-on-page';
import { DeviceTickets, type DevicePlace } from './device-ticket';
import type { FinalizeVerificationContext, VerificationPageContext } from './device-verification';
import { FailureLimit } from './failure-limit';
import { showForm, type FormPage } from './form-page';
import type { EndpointOptions } from './options';
import { pageEndpoint } from './page';
import { assertSameOrigin } from './same-origin';

/** What a verification page is made from whose devices the framework keeps. */
export interface ProvenDeviceVerificationPage extends FormPage<VerificationPageContext, FinalizeVerificationContext> {
    readonly path: string;
    readonly options: EndpointOptions;
    readonly issuer: () => string;
    /** Milliseconds since the epoch. */
    readonly clock: () => number;
    readonly store: Store;
    readonly digestUserCode: DigestUserCode;
    /** Seals what goes from one page to the next. */
    readonly secrets: Secrets;
    readonly findClient: (clientId: string) => Promise<Client | null>;
    /** What a scope allows, in words. */
    readonly scopeText: (scope: string) => string | undefined;
    readonly authenticateUser: () => AuthenticateUser | undefined;
}

/** Wrong entries from one address; wrong passwords for one name from there. */
const [mostFromAddress, mostForName] = [20, 10];

/** A name and a password, and the letters of a code. */
interface Entry {
    readonly username: string;
    readonly password: string;
    readonly userCode: string;
}

/**
 * The page on which the user of a device enters its code, signs in and decides (RFC 8628 §3.3): the user is always asked, and always shown the code.
 *
 * Wrong entries are counted for each address, since user codes are short enough to be tried (RFC 8628 §5.1). Only who has signed in learns
 * whether a code exists.
 */
export const provenDeviceVerificationPage = (endpoint: ProvenDeviceVerificationPage): ServerRoute[] => {

    const { path, options, pages, store, clock, digestUserCode, usernameField, passwordField, finalize } = endpoint;
    const tickets = new DeviceTickets(endpoint.secrets, clock);
    const fromAddress = new FailureLimit(store, 'user-code', mostFromAddress);
    const forName = new FailureLimit(store, 'device-sign-in', mostForName);

    const show = (userCode: string | undefined, request: Request, h: ResponseToolkit, problem?: 'wrongDeviceEntry' | 'expiredSignInAgain'): Promise<Lifecycle.ReturnValue> => {

        const look = pages.look(request);
        const errorMessage = problem && look.texts[problem];
        const page = { action: request.path, userCode, usernameField, passwordField, statusCode: errorMessage === undefined ? 200 : 400, errorMessage };
        return showForm(endpoint, page, () => pages.show('deviceCode', { action: request.path, hidden: [], userCode, credentials: { usernameField, passwordField }, errorMessage }, request, h, { statusCode: page.statusCode, look }), request, h);
    };

    const gone = (request: Request, h: ResponseToolkit): Promise<Lifecycle.ReturnValue> => pages.show('deviceDone', { outcome: 'gone' }, request, h, { statusCode: 400 });

    const place = (userCode: string, request: Request): DevicePlace => ({ issuer: endpoint.issuer(), path: request.path, userCode });

    /** The user and the device, or `null` if one of them was not found: which one is not said. */
    const verify = async ({ username, password, userCode }: Entry, authenticate: AuthenticateUser, request: Request, h: ResponseToolkit): Promise<{ readonly user: SignedIn; readonly device: WaitingDevice } | null> => {

        const address = request.info.remoteAddress;
        const name = `${createHash('sha256').update(username).digest('base64url')}:${address}`;        // A store's key has to be short, whatever was entered
        const assertFewFailures = async (): Promise<void> => {

            await fromAddress.check(address);
            await forName.check(name);
        };

        await assertFewFailures();
        const user = await authenticatedUser(authenticate, { username, password, acrValues: [], parameters: {} }, request, h);
        if (user === null) {
            await forName.failed(name);
        }

        const device = user === null ? null : await findDevice(store, userCode, digestUserCode, clock());
        if (user === null || device === null) {
            await fromAddress.failed(address);
            return null;
        }

        await assertFewFailures();                              // Again: of many entries at once each would have come before the first failure
        return { user: { ...user, authTime: Math.floor(clock() / 1000) }, device };
    };

    const signIn = async (form: Form, authenticate: AuthenticateUser, request: Request, h: ResponseToolkit): Promise<Lifecycle.ReturnValue> => {

        const [entered, username, password] = [form.get('user_code'), form.get(usernameField), form.get(passwordField)];
        const isWhole = entered !== undefined && username !== undefined && password !== undefined;
        const verified = isWhole ? await verify({ username, password, userCode: entered }, authenticate, request, h) : null;
        if (!isWhole || verified === null) {
            return show(entered, request, h, 'wrongDeviceEntry');
        }

        const { user, device: { key: deviceKey, state } } = verified;
        const client = await endpoint.findClient(state.clientId);
        if (client === null) {                                  // Unregistered meanwhile: nobody could redeem the code
            return gone(request, h);
        }

        if (user.subject === client.id) {                       // Its tokens would be those of the client itself (RFC 9700 §4.15)
            throw new OAuth2Error('access_denied', 'This user cannot use this client', { reason: 'subject_is_client' });
        }

        const userCode = lettersOf(entered);
        const look = pages.look(request);
        const shownCode = `${userCode.slice(0, 4)}-${userCode.slice(4)}`;
        return pages.show('deviceConsent', {
            action: request.path,
            hidden: [{ name: 'user_code', value: shownCode }, { name: 'ticket', value: tickets.make(place(userCode, request), { ...user, deviceKey }) }],
            client: shownClient(client),
            permissions: permissionsOf(state.scopes, endpoint.scopeText, look),
            userCode: shownCode
        }, request, h, { look });
    };

    const decide = async (form: Form, request: Request, h: ResponseToolkit): Promise<Lifecycle.ReturnValue> => {

        const userCode = form.get('user_code') ?? '';
        const decider = tickets.read(place(lettersOf(userCode), request), form.get('ticket') ?? '');
        if (decider === null) {
            return show(userCode, request, h, 'expiredSignInAgain');
        }

        const isAllowed = form.get('decision') === 'allow';
        const device = await findDevice(store, userCode, digestUserCode, clock());
        if (device === null || device.key !== decider.deviceKey) {
            return gone(request, h);
        }

        const isDecided = isAllowed ? await approveDevice(store, device, decider, clock()) : await denyDevice(store, device);
        if (!isDecided) {
            return gone(request, h);
        }

        return finalize === undefined ? pages.show('deviceDone', { outcome: isAllowed ? 'connected' : 'denied' }, request, h) : finalize({ authorizationResult: { type: isAllowed ? 'allow' : 'deny' }, userCode }, request, h);
    };

    return pageEndpoint({ path, options, pages, description: 'OAuth 2.0 device verification page' },
        (request, h) => {

            requireAuthenticateUser(endpoint.authenticateUser());
            return show(Form.from(request.query).get('user_code'), request, h);
        },
        (request, h) => {

            assertSameOrigin(request, endpoint.issuer());
            const authenticate = requireAuthenticateUser(endpoint.authenticateUser());
            const form = Form.from(request.payload);
            return form.has('ticket') || form.has('decision') ? decide(form, request, h) : signIn(form, authenticate, request, h);
        });
};

/** A code that cannot be one is no code's letters: nothing is found under it, and no ticket is of it. */
const lettersOf = (entered: string): string => readUserCode(entered) ?? '';
