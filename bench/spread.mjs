// What V8 takes for members that follow a spread in an object literal, as against Object.assign(): node spread.mjs

const claims = { sub: 'machine', scope: 'read', aud: 'https://api.example.com' };
const ways = {
    '{ ...claims, eleven members }': (i) => ({ ...claims, iss: 'x', iat: i, exp: i, jti: 'x', client_id: 'x', cnf: undefined, flow: 'x', grant_id: 'x', exchange_id: undefined, typ: undefined, nonce: i }),
    'Object.assign({}, claims, { eleven members })': (i) => Object.assign({}, claims, { iss: 'x', iat: i, exp: i, jti: 'x', client_id: 'x', cnf: undefined, flow: 'x', grant_id: 'x', exchange_id: undefined, typ: undefined, nonce: i }),
    '{ eleven members, ...claims }': (i) => ({ iss: 'x', iat: i, exp: i, jti: 'x', client_id: 'x', cnf: undefined, flow: 'x', grant_id: 'x', exchange_id: undefined, typ: undefined, nonce: i, ...claims })
};

const times = 200_000;
let last;
for (const [name, make] of Object.entries(ways)) {
    for (let i = 0; i < times; ++i) {
        last = make(i);
    }

    const began = process.hrtime.bigint();
    for (let i = 0; i < times; ++i) {
        last = make(i);
    }

    console.log(`${(Number(process.hrtime.bigint() - began) / times / 1000).toFixed(2)} µs  ${name}`);
}

process.exitCode = last === undefined ? 1 : 0;
