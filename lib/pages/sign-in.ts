import { escapeHtml } from '@hapi/hoek';

import { alert, layout } from './layout';

/** What a form that asks for a name and a password needs. */
export interface SignInPage {
    readonly title: string;
    /** Where the form posts to. */
    readonly action: string;
    readonly usernameField: string;
    readonly passwordField: string;
    readonly button: string;
    readonly username?: string | undefined;
    /** What went wrong with the last try. */
    readonly errorMessage: string | undefined;
    /** HTML of fields above the name. */
    readonly fields?: string | undefined;
}

/** The minimal sign-in form. */
export const signInPage = ({ title, action, usernameField, passwordField, button, errorMessage, username = '', fields = '' }: SignInPage): string => layout(title, `${alert(errorMessage)}<form method="post" action="${escapeHtml(action)}">
${fields}<label for="username">Username</label>
<input id="username" name="${escapeHtml(usernameField)}" value="${escapeHtml(username)}" autocomplete="username" autocapitalize="none" required>
<label for="password">Password</label>
<input id="password" name="${escapeHtml(passwordField)}" type="password" autocomplete="current-password" required>
<button type="submit">${escapeHtml(button)}</button>
</form>`);

/** The field for the code that a device shows (RFC 8628 §3.3). */
export const userCodeField = (userCode: string | undefined): string => `<label for="user_code">Code on your device</label>
<input id="user_code" name="user_code" value="${escapeHtml(userCode ?? '')}" autocomplete="off" autocapitalize="characters" spellcheck="false" required>
`;
