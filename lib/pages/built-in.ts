import { chooseAccountPage, type ChooseAccountModel } from './choose-account';
import { consentPage, type ConsentModel } from './consent';
import { deviceCodePage, deviceConsentPage, deviceDonePage, type DeviceCodeModel, type DeviceConsentModel, type DeviceDoneModel } from './device';
import { formPostPage, type FormPostModel } from './form-post';
import { grantsPage, type GrantsModel } from './grants';
import { interruptedPage, type InterruptedModel } from './interrupted';
import type { Page } from './layout';
import { logoutPage, signedOutPage, type LogoutModel, type SignedOutModel } from './logout';
import type { PageLook } from './look';
import { errorPage, type ErrorModel } from './problem';
import { signInPage, type SignInModel } from './sign-in';

/** The pages of the server, and what each shows. */
export interface PageModels {
    readonly signIn: SignInModel;
    readonly chooseAccount: ChooseAccountModel;
    readonly consent: ConsentModel;
    readonly deviceCode: DeviceCodeModel;
    readonly deviceConsent: DeviceConsentModel;
    readonly deviceDone: DeviceDoneModel;
    readonly logout: LogoutModel;
    readonly signedOut: SignedOutModel;
    readonly interrupted: InterruptedModel;
    readonly grants: GrantsModel;
    readonly formPost: FormPostModel;
    readonly error: ErrorModel;
}

/** The name of a page. */
export type PageName = keyof PageModels;

/** The pages as they are without anything of the app's. */
export const builtInPages: { readonly [N in PageName]: (model: PageModels[N], look: PageLook) => Page } = {
    signIn: signInPage,
    chooseAccount: chooseAccountPage,
    consent: consentPage,
    deviceCode: deviceCodePage,
    deviceConsent: deviceConsentPage,
    deviceDone: deviceDonePage,
    logout: logoutPage,
    signedOut: signedOutPage,
    interrupted: interruptedPage,
    grants: grantsPage,
    formPost: formPostPage,
    error: errorPage
};
