import type { Server } from '@hapi/hapi';

import { AuthorizationServerBuilder, MemoryStore } from '../../lib';
import { collectEvents, mintToken, runCodeFlow, runDeviceFlow, runRefresh, testClock, type GrantEvent } from '../../lib/testing';
import { yes, type Equals } from './equals';

export const helpers = async (server: Server) => {

    const { now } = testClock();
    AuthorizationServerBuilder.create().setClock(now).setStore(new MemoryStore({ clock: now }));
    const { token, headers, grantId } = await mintToken(server, { subject: 'ada', scope: ['a'], flaw: 'expired' });
    yes<Equals<typeof grantId, string | null>>();
    await server.inject({ url: '/', headers });
    const { idTokenClaims, jar, refreshToken } = await runCodeFlow(server, { clientId: 'web', scope: 'openid' });
    yes<Equals<typeof idTokenClaims, Readonly<Record<string, unknown>> | undefined>>();
    const { userCode } = await runDeviceFlow(server, { clientId: 'tv', jar });
    yes<Equals<typeof userCode, string>>();
    await runRefresh(server, { clientId: 'web', refreshToken });
    return { token, grantId, idTokenClaims, userCode };
};

/** Events are what their kind says. */
export const events = (server: Server) => {

    const seen = collectEvents(server);
    const [refused] = seen.of('refused');
    yes<Equals<typeof refused, { readonly reason: string; readonly error: string; readonly client_id?: string | undefined; readonly reference?: string } | undefined>>();
    const [reused] = seen.of('reused');
    const grant: GrantEvent | undefined = reused;
    const [failed] = seen.of('error');
    yes<Equals<typeof failed, Error | undefined>>();
    return { refused, failed, grant, data: seen.all[0]?.data };
};

export const mistakes = async (server: Server) => {

    // @ts-expect-error: no such event
    collectEvents(server).of('signed_in');
    // @ts-expect-error: no such flaw
    await mintToken(server, { flaw: 'old' });
    // @ts-expect-error: who asks?
    await runCodeFlow(server, { scope: 'openid' });
    // @ts-expect-error: allow or deny
    await runCodeFlow(server, { clientId: 'web', decision: 'maybe' });
    // @ts-expect-error: a span, not a date
    testClock().advance(new Date());
};
