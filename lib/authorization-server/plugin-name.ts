/** The name of the hub's plugin and of the auth scheme. */
export const pluginName = 'hapi-oauth2-flows';
