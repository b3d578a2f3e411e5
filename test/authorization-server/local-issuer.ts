import { expect } from '@hapi/code';
import { server as newServer } from '@hapi/hapi';
import * as Lab from '@hapi/lab';

import { localIssuer } from '../../lib/authorization-server/local-issuer';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('localIssuer()', () => {

    it('is this machine, at the port that hapi listens on once it does', async () => {

        const server = newServer({ host: '127.0.0.1' });
        const issuer = localIssuer(server);
        expect([issuer(), issuer()]).to.equal(['http://localhost', 'http://localhost']);
        await server.start();
        const { port } = server.info;
        expect([issuer(), issuer()]).to.equal([`http://localhost:${port}`, `http://localhost:${port}`]);
        await server.stop();
    });

    it('has no port behind a Unix socket, and says https where hapi does', () => {

        expect(localIssuer(newServer({ port: '/tmp/some.sock' }))()).to.equal('http://localhost');
        expect(localIssuer(newServer({ port: 8443, tls: {} }))()).to.equal('https://localhost:8443');
        const server = newServer({ port: 8080 });
        const issuer = localIssuer(server);
        expect(issuer()).to.equal('http://localhost:8080');
        server.info.protocol = 'https';
        expect(issuer()).to.equal('https://localhost:8080');
    });
});
