import type { Request } from '@hapi/hapi';

import { OAuth2Error } from '../error';

/**
 * Refuses a form that another site made the browser send.
 *
 * Browsers say where a request comes from: in `Sec-Fetch-Site`, or before they knew that header in `Origin`. What sends neither is no
 * browser, and cannot be made to act for somebody. Nothing has to be stored, so two tabs and the back button work.
 *
 * `Referrer-Policy: no-referrer` of our own pages makes `Origin` say `null`: a form that has a token of its own (`hasToken`) needs no more than that.
 */
export const assertSameOrigin = ({ raw, info }: Request, issuer: string, { hasToken = false } = {}): void => {

    const { 'sec-fetch-site': site, origin } = raw.req.headers;
    const sameOrigin = site === undefined ?
        origin === undefined || origin === new URL(issuer).origin || hostOf(origin) === info.host || (hasToken && origin === 'null') :
        site === 'same-origin' || site === 'none';
    if (!sameOrigin) {
        throw new OAuth2Error('invalid_request', 'This form was sent from another site', { reason: 'cross_site_form', statusCode: 403 });
    }
};

const hostOf = (origin: string): string | undefined => (URL.canParse(origin) ? new URL(origin).host : undefined);
