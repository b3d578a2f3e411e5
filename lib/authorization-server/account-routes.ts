import { SubRoute } from '../endpoints/sub-route';

/** Settings of the end_session endpoint, where clients send users to sign out, at `/oauth2/logout` unless it has another path. */
export class LogoutRoute extends SubRoute {}

/** Settings of the page on which users see what they have granted, at `/oauth2/account` unless it has another path. */
export class AccountRoute extends SubRoute {}
