import type { ServerRoute } from '@hapi/hapi';
import Joi from 'joi';

import { verify } from './users';

interface Refs {
    Query: { interaction?: string };
    Payload: { interaction: string; username: string; password: string };
}

/** The login page: a form that names the interaction it is for, and one line that goes on with it. */
export const loginRoutes: readonly ServerRoute<Refs>[] = [
    {
        method: 'GET',
        path: '/login',
        handler: ({ query: { interaction } }, h) => h.view('login', { interaction })
    },
    {
        method: 'POST',
        path: '/login',
        options: { validate: { payload: Joi.object({ interaction: Joi.string().required(), username: Joi.string().required(), password: Joi.string().required() }) } },
        handler: async (request, h) => {

            const { interaction, username, password } = request.payload;
            const user = verify(username, password);
            return user === null ? h.view('login', { interaction, username, isWrong: true }).code(401) : await request.oauth2.login({ ...user, amr: ['pwd'] });
        }
    }
];
