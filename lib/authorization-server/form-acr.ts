import type { AuthenticateUser } from '../endpoints/authenticate-user';

/** The same handler, whose users have an `acr` where it says none: at the built-in form they have entered a password. Of a sign-in elsewhere nobody here knows what it is worth. */
export const withFormAcr = (authenticate: AuthenticateUser, formAcr: () => string): AuthenticateUser => async (credentials, request, h) => {

    const answer = await authenticate(credentials, request, h);
    if (answer === null) {
        return null;
    }

    const user = typeof answer === 'string' ? { subject: answer } : { ...answer };          // What is no user stays none
    return { ...user, acr: user.acr ?? formAcr() };
};
