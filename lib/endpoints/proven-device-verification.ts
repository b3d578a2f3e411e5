import { createHash } from 'node:crypto';

import type { Lifecycle, Request, ResponseToolkit, ServerRoute } from '@hapi/hapi';

import type { Client } from '../clients/client';
import { OAuth2Error } from '../error';
import { approveDevice, denyDevice, findDevice, type DigestUserCode, type WaitingDevice } from '../grant-types/device-state';
import { deviceConsentPage } from '../pages/device-consent';
import { contentSecurityPolicy } from '../pages/layout';
import { donePage } from '../pages/message';
import { signInPage, userCodeField } from '../pages/sign-in';
import { Form } from '../protocol/form';
import type { Secrets } from '../protocol/secrets';
import { readUserCode } from '../protocol/user-code';
import type { Store } from '../stores/store';
import { authenticatedUser, requireAuthenticateUser, type AuthenticateUser, type SignedIn } from './authenticate-user';
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

    const { path, options, store, clock, digestUserCode, usernameField, passwordField, finalize } = endpoint;
    const tickets = new DeviceTickets(endpoint.secrets, clock);
    const fromAddress = new FailureLimit(store, 'user-code', mostFromAddress);
    const forName = new FailureLimit(store, 'device-sign-in', mostForName);

    const show = (userCode: string | undefined, request: Request, h: ResponseToolkit, errorMessage?: string): Promise<Lifecycle.ReturnValue> => {

        const page = { action: request.path, userCode, usernameField, passwordField, statusCode: errorMessage === undefined ? 200 : 400, errorMessage };
        return showForm(endpoint, page, () => signInPage({ ...page, title: 'Connect a device', button: 'Continue', fields: userCodeField(userCode) }), request, h);
    };

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
        const user = await authenticatedUser(authenticate, { username, password }, request, h);
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
            return show(entered, request, h, 'The code, the username or the password is wrong');
        }

        const { user, device: { key: deviceKey, state } } = verified;
        const client = await endpoint.findClient(state.clientId);
        if (client === null) {                                  // Unregistered meanwhile: nobody could redeem the code
            return gone(h);
        }

        if (user.subject === client.id) {                       // Its tokens would be those of the client itself (RFC 9700 §4.15)
            throw new OAuth2Error('access_denied', 'This user cannot use this client', { reason: 'subject_is_client' });
        }

        const userCode = lettersOf(entered);
        return h.response(deviceConsentPage({
            action: request.path,
            client: client.metadata.client_name ?? client.id,
            unverified: client.unverified === true,
            permissions: state.scopes.map((scope) => endpoint.scopeText(scope) ?? scope),
            userCode: `${userCode.slice(0, 4)}-${userCode.slice(4)}`,
            ticket: tickets.make(place(userCode, request), { ...user, deviceKey })
        })).header('content-security-policy', contentSecurityPolicy);
    };

    const decide = async (form: Form, request: Request, h: ResponseToolkit): Promise<Lifecycle.ReturnValue> => {

        const userCode = form.get('user_code') ?? '';
        const decider = tickets.read(place(lettersOf(userCode), request), form.get('ticket') ?? '');
        if (decider === null) {
            return show(userCode, request, h, 'The page was open for too long: sign in again');
        }

        const isAllowed = form.get('decision') === 'allow';
        const device = await findDevice(store, userCode, digestUserCode, clock());
        if (device === null || device.key !== decider.deviceKey) {
            return gone(h);
        }

        const isDecided = isAllowed ? await approveDevice(store, device, decider, clock()) : await denyDevice(store, device);
        if (!isDecided) {
            return gone(h);
        }

        return finalize === undefined ? done(isAllowed, h) : finalize({ authorizationResult: { type: isAllowed ? 'allow' : 'deny' }, userCode }, request, h);
    };

    return pageEndpoint({ path, options, description: 'OAuth 2.0 device verification page' },
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

const done = (isAllowed: boolean, h: ResponseToolkit): Lifecycle.ReturnValue => page(h, 200, isAllowed ?
    donePage('Your device is connected', 'You can close this page and go on with your device.') :
    donePage('Your device was not connected', 'You can close this page.'));

const gone = (h: ResponseToolkit): Lifecycle.ReturnValue =>
    page(h, 400, donePage('Your device waits no more', 'Its code has expired, or somebody has decided already. Start again on your device.'));

const page = (h: ResponseToolkit, statusCode: number, html: string): Lifecycle.ReturnValue =>
    h.response(html).code(statusCode).header('content-security-policy', contentSecurityPolicy);
