// How the token endpoint takes 1 to 10,000 registered clients, who take turns: npm run growth:clients

import { machine, table, whole } from '../measure/report.mjs';
import { publish } from './plot.mjs';
import { rounds, seconds, takeTurns } from './take-turns.mjs';

const counts = [1, 10, 100, 1000, 10_000];
const clientsOf = (count) => Array.from({ length: count }, (_, index) => ({ id: `client-${index}`, secret: `secret-of-32-random-letters-${String(index).padStart(6, '0')}` }));

const found = await takeTurns(counts.map((count) => ({
    x: count,
    name: 'hapi-oauth2-flows',
    options: {
        format: 'opaque',
        clients: clientsOf(count).map(({ id, secret }) => ({ client_id: id, client_secret: secret, token_endpoint_auth_method: 'client_secret_post', grant_types: ['client_credentials'], scope: 'api:read' }))
    },
    loads: [{ name: 'token', of: () => ({ scenario: 'growth/client-of-many', items: clientsOf(count) }) }]
})));

publish('clients', {
    markdown: `# Registered clients\n\n${machine()}; medians of ${rounds} rounds of ${seconds} s in turns, client credentials with opaque tokens. The start is from \`Hapi.server()\` to listening.\n\n`
        + table(['clients', 'requests/s', 'CPU µs/request', 'p99 ms', 'start ms', 'heap MB'], found.map(({ x, milliseconds, heap, loads: { token } }) =>
            [whole(x), whole(token.rate), token.cpu.toFixed(0), token.p99.toFixed(2), whole(milliseconds), (heap / 1e6).toFixed(1)])),
    plots: [{
        title: 'Client credentials, by registered clients', x: { label: 'clients', log: true }, y: { label: 'CPU µs per request', log: false },
        series: [{ name: 'opaque token', points: found.map(({ x, loads }) => [x, loads.token.cpu]) }]
    }]
});
process.exit();
