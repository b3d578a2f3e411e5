import { RegistrationSetters } from './registration-setters';
import { IntrospectionRoute, RevocationRoute, type TokenManagement } from './token-management';

/** The hub's setters for the endpoints where clients ask about their tokens and give them back. */
export abstract class TokenManagementSetters extends RegistrationSetters {

    /** @internal */
    protected readonly management: TokenManagement = {
        introspection: new IntrospectionRoute((setter) => this.guard(setter)),
        revocation: new RevocationRoute((setter) => this.guard(setter)),
        registration: this.registration
    };

    /** Configures the introspection endpoint, which a server with registered clients has (RFC 7662). */
    introspectionRoute(configure: (route: IntrospectionRoute) => unknown): this {

        this.guard('introspectionRoute');
        configure(this.management.introspection);
        return this;
    }

    /** Configures the revocation endpoint, which a server with registered clients has (RFC 7009). */
    revocationRoute(configure: (route: RevocationRoute) => unknown): this {

        this.guard('revocationRoute');
        configure(this.management.revocation);
        return this;
    }
}
