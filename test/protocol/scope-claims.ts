import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { ScopeClaims, withoutLanguage } from '../../lib/protocol/scope-claims';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('The claims of scopes (OpenID Connect Core §5.4)', () => {

    it('are the standard ones, each once', () => {

        const claims = new ScopeClaims();
        expect(claims.claimsOf(['profile']).length).to.equal(14);
        expect(claims.claimsOf(['email', 'phone', 'address', 'email'])).to.equal(['email', 'email_verified', 'phone_number', 'phone_number_verified', 'address']);
        expect(claims.claimsOf(['openid', 'offline_access', 'reports:read', '__proto__', 'constructor'])).to.equal([]);
        expect(claims.scopesOf('birthdate')).to.equal(['profile']);
        expect(claims.scopesOf('name#de-CH')).to.equal(['profile']);
        expect(claims.scopesOf('team_id')).to.equal([]);
        expect(claims.scopesOf('__proto__')).to.equal([]);
    });

    it('may be more, also of a standard scope, and one may be of two', () => {

        const claims = new ScopeClaims({ team: ['team_id', 'email'], profile: ['title', 'name'] });
        expect(claims.claimsOf(['team'])).to.equal(['team_id', 'email']);
        expect(claims.claimsOf(['profile']).length).to.equal(15);
        expect(claims.scopesOf('email')).to.equal(['email', 'team']);
        expect(claims.scopesOf('title')).to.equal(['profile']);
    });

    it('asked for by name go with their scope where it was granted, and with any where they were agreed to by name alone', () => {

        const claims = new ScopeClaims({ team: ['team_id', 'email'] });
        const goes = (scopes: string, claim: string, granted: string) => claims.goesWith(scopes.split(' '), claim, granted.split(' '));
        expect([goes('openid', 'email', 'openid email'), goes('openid', 'email#de', 'openid email'), goes('openid', 'email', 'openid email team')]).to.equal([false, false, false]);
        expect([goes('openid', 'email', 'openid'), goes('openid email', 'email', 'openid email'), goes('openid team', 'email', 'openid email team'), goes('openid', 'name', 'openid email')]).to.equal([true, true, true, true]);
    });

    it('are known by their names without a language', () => {

        expect(['name', 'name#de', 'name#de#x', '', '#de'].map(withoutLanguage)).to.equal(['name', 'name', 'name', '', '']);
    });
});
