// One keep-alive connection that sends a request and reads its answer, over and over.
//
// A socket and a few searches in what comes: undici costs several times as much, and would be what is measured where hapi answers 30,000
// requests per second on one core. It reads what servers answer here, and throws at anything else.

import { connect } from 'node:net';

/** The bytes of a request. */
export const serialize = ({ method, path, headers = {}, body = '' }) => {

    const lines = [`${method} ${path} HTTP/1.1`, 'host: 127.0.0.1', ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)];
    if (method !== 'GET') {
        lines.push(`content-length: ${Buffer.byteLength(body)}`);
    }

    return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`);
};

/** Opens a connection; `answered` hears of each answer. */
export const openConnection = (port, { answered, failed }) => new Promise((resolve, reject) => {

    let rest = null;
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => resolve({
        send: (bytes) => socket.write(bytes),
        close: () => socket.destroy()
    }));
    const fail = (err) => {

        reject(err);
        failed(err);
    };

    socket.on('error', fail);
    socket.on('close', () => fail(new Error('The server closed the connection')));
    socket.on('data', (chunk) => {

        const bytes = rest === null ? chunk : Buffer.concat([rest, chunk]);
        const end = bytes.indexOf('\r\n\r\n');
        if (end < 0) {
            rest = bytes;
            return;
        }

        const head = bytes.latin1Slice(0, end);
        const length = /\r\ncontent-length: *(\d+)/i.exec(head);
        if (length === null) {
            fail(new Error(`An answer without content-length: ${head}`));
            return;
        }

        if (bytes.length < end + 4 + Number(length[1])) {
            rest = bytes;
            return;
        }

        rest = null;
        answered(Number(head.slice(9, 12)), bytes, end + 4);
    });
});
