import type { ServerRoute } from '@hapi/hapi';

import type { Client } from '../clients/client';
import type { ClientLogos } from '../clients/client-logos';
import { withParameters } from '../protocol/redirect-uri';
import { Form } from '../protocol/form';
import type { EndpointOptions } from './options';
import { documentEndpoint } from './route';

/** What the route is made from that serves the logos of clients. */
export interface LogoEndpoint {
    /** The path of the authorization endpoint. */
    readonly path: string;
    readonly options: EndpointOptions;
    readonly findClient: (clientId: string) => Promise<Client | null>;
    readonly logos: Pick<ClientLogos, 'at'>;
}

/** Where the logos of clients are: beside the pages that show them. */
export const logoPath = <P extends string>(path: P): `${P}/logo` => `${path}/logo`;

/** Where the logo of a client is that is shown with one; `undefined` for any other, and for one that nobody has checked, since it could take anybody's. */
export const logoOf = (path: string, { id, metadata, unverified }: Client): string | undefined =>
    (metadata.logo_uri === undefined || unverified === true ? undefined : withParameters(logoPath(path), { client_id: id }));

/** Nobody takes it for a page, and no other site shows it. */
const headers = {
    'cache-control': 'public, max-age=300',
    'content-security-policy': 'default-src \'none\'; sandbox',
    'cross-origin-resource-policy': 'same-origin',
    'x-content-type-options': 'nosniff'
};

/** The route for the logos of registered clients. Whatever is not to be had is the same 404 without a word, so that nobody learns which clients there are. */
export const logoEndpoint = ({ path, options, findClient, logos }: LogoEndpoint): ServerRoute[] =>
    documentEndpoint({ path: logoPath(path), cors: false, options, description: 'Logos of OAuth 2.0 clients' }, async ({ query }, h) => {

        const [clientId, another] = Form.from(query).all('client_id');
        const client = clientId === undefined || another !== undefined ? null : await findClient(clientId);
        const uri = client === null || client.unverified === true ? undefined : client.metadata.logo_uri;
        const logo = uri === undefined ? null : await logos.at(uri);
        const response = logo === null ? h.response().code(404).header('x-content-type-options', 'nosniff') : h.response(logo.body).type(logo.type);
        for (const [name, value] of logo === null ? [] : Object.entries(headers)) {
            response.header(name, value);
        }

        return response;
    });
