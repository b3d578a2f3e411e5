// The key set, asked for again and again.

export const load = 'same';
export const request = () => ({ method: 'GET', path: '/oauth2/keys' });
