import { accountNote, decisionButtons } from './decision';
import { fill, html } from './html';
import { alert, hiddenFields, invalid, layout, type HiddenField, type Page } from './layout';
import type { PageLook } from './look';
import { permissionList, type Permission } from './permissions';
import { referenceNote } from './reference-note';
import { linksOf, nameOf, unverifiedNote, type ShownClient } from './shown-client';
import { resourceNote, type ShownResource } from './shown-resources';
import { credentialInputs, type CredentialFields } from './sign-in';

/** What the page shows on which a person enters the code of a device. Its form posts `user_code`. */
export interface DeviceCodeModel {
    /** Where the form posts to. */
    readonly action: string;
    readonly hidden: readonly HiddenField[];
    /** The code that came with the link, or was entered last. */
    readonly userCode: string | undefined;
    /** The fields to sign in with on the same page; `undefined` where the person is signed in. */
    readonly credentials: CredentialFields | undefined;
    /** What went wrong with the last try, in the person's language. */
    readonly errorMessage: string | undefined;
}

/** What the page shows on which a person decides about a device. Its form posts `decision`: `allow` or `deny`. */
export interface DeviceConsentModel {
    /** Where the form posts to. */
    readonly action: string;
    readonly hidden: readonly HiddenField[];
    readonly client: ShownClient;
    readonly permissions: readonly Permission[];
    /** What the permissions are good for, beside the server itself. */
    readonly resources: readonly ShownResource[];
    /** As the device shows it. */
    readonly userCode: string;
    /** Who is signed in, as the person knows it: for whom the device will act. */
    readonly account: string;
    /** Whether the form may also post `change_account`, since the person may rather be somebody else. */
    readonly canChangeAccount: boolean;
}

/** What the page shows that ends a visit about a device; `gone`: its code has expired, or somebody has decided. */
export interface DeviceDoneModel {
    readonly outcome: 'connected' | 'denied' | 'gone';
    /** What the log calls it, where it is `gone`. */
    readonly reference?: string | undefined;
}

/** The page on which a person enters the code that a device shows (RFC 8628 §3.3). */
export const deviceCodePage = ({ action, hidden, userCode = '', credentials, errorMessage }: DeviceCodeModel, look: PageLook): Page => {

    const { texts } = look;
    return layout(look, {
        title: texts.deviceTitle,
        isProblem: errorMessage !== undefined,
        body: html`${alert(errorMessage)}<form method="post" action="${action}">
${hiddenFields(hidden)}<label for="user_code">${texts.userCode}</label>
<p class="hint" id="user_code_hint">${texts.userCodeHint}</p>
<input id="user_code" name="user_code" value="${userCode}" class="usercode" autocomplete="off" autocapitalize="characters" spellcheck="false" required${invalid(errorMessage, 'user_code_hint')}${userCode === '' || credentials === undefined ? html` autofocus` : ''}>
${credentials === undefined ? '' : credentialInputs(credentials, texts, errorMessage, userCode !== '')}<button type="submit" class="primary">${texts.continueButton}</button>
</form>`
    });
};

/** The page on which a person connects a device, or does not: shows the code again, since the link to it may have come from a stranger (RFC 8628 §3.3.1, §5.4). */
export const deviceConsentPage = ({ action, hidden, client, permissions, resources, userCode, account, canChangeAccount }: DeviceConsentModel, look: PageLook): Page => {

    const { texts } = look;
    return layout(look, {
        title: texts.deviceConsentTitle,
        body: html`<p>${fill(permissions.length === 0 ? texts.deviceConsentIntroNothing : texts.deviceConsentIntro, { client: nameOf(client) })}</p>
${permissionList(permissions)}${resourceNote(resources, look)}${unverifiedNote(client, texts)}<p>${texts.deviceCodeQuestion}</p>
<p class="code"><code>${userCode}</code></p>
<p>${fill(texts.deviceConsentWarning, { deny: texts.deny })}</p>
<p class="quiet">${accountNote(account, texts)}</p>
<form method="post" action="${action}">
${hiddenFields(hidden)}${decisionButtons(canChangeAccount, texts)}</form>
${linksOf(client, texts)}`
    });
};

/** The page that says how it ended. */
export const deviceDonePage = ({ outcome, reference }: DeviceDoneModel, look: PageLook): Page => {

    const { texts } = look;
    const [title, text] = {
        connected: [texts.deviceConnectedTitle, texts.deviceConnectedText] as const,
        denied: [texts.deviceDeniedTitle, texts.deviceDeniedText] as const,
        gone: [texts.deviceGoneTitle, texts.deviceGoneText] as const
    }[outcome];
    return layout(look, { title, body: html`<p>${text}</p>${reference === undefined ? '' : html`\n<p class="quiet">${referenceNote(reference, texts)}</p>`}` });
};
