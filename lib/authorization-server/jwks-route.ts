import { SubRoute } from '../endpoints/sub-route';

/** Settings of the route that serves the public keys, at `/oauth2/keys` unless it has another path. */
export class JwksRoute extends SubRoute {}
