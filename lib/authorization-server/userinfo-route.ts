import { SubRoute } from '../endpoints/sub-route';

/** Settings of the UserInfo endpoint, at `/oauth2/userinfo` unless it has another path. */
export class UserinfoRoute extends SubRoute {}
