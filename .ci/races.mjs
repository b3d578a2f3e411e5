// .ci/with-postgres .ci/with-redis node .ci/races.mjs [rounds] [requests] [engine] [processes]: many redeem one code, refresh one token and poll one device code, at once.
// Four server processes, or as many as said, share PostgreSQL, then Redis; one has a MemoryStore, one a PGlite. Runs on demand: `npm run build` first. Takes some minutes.

import { authorize, lives, post, startServer, token } from './races-client.mjs';

const [rounds = 20, requests = 500] = process.argv.slice(2, 4).map(Number);
const [only, processesOfFleet = '4'] = process.argv.slice(4);
const { POSTGRES_URL, REDIS_URL } = process.env;
if (!POSTGRES_URL || !REDIS_URL) {
    console.error('POSTGRES_URL and REDIS_URL are not set: .ci/with-postgres .ci/with-redis node .ci/races.mjs');
    process.exit(2);
}

const problems = [];

/** A second of the servers lasts ten: however busy the machine is, no round is longer than the grace window of a refresh token. */
const [since, slowness] = [Date.now(), 10];

const isRefused = ({ status, body }) => status === 400 && body.error === 'invalid_grant';

/** Sends the same form many times at once, to the servers in turn. */
const race = (urls, fields) => Promise.all(Array.from({ length: requests }, (_, i) => token(urls[i % urls.length], fields).catch((err) => ({ status: 0, body: { error: err.message } }))));

const oneWins = (answers) => answers.filter(({ status }) => status === 200).length === 1 && answers.filter(isRefused).length === requests - 1;

/** Each answers what was said in a round, and what is wrong with it. */
const races = {
    'a code redeemed': async (urls, subject) => {

        const answers = await race(urls, await authorize(urls[0], subject));
        const [won] = answers.filter(({ status }) => status === 200);
        const isAlive = won !== undefined && (await lives(urls[0], won.body.refresh_token) || await lives(urls[1 % urls.length], won.body.access_token));
        return { answers, wrong: [[!oneWins(answers), 'not one 200 and invalid_grant for all others'], [isAlive, 'what the one got outlived the second use']] };
    },
    'a token refreshed': async (urls, subject) => {

        const first = await token(urls[0], await authorize(urls[0], subject));
        const answers = await race(urls, { grant_type: 'refresh_token', refresh_token: first.body.refresh_token });
        const pairs = new Set(answers.map(({ body: { access_token: access, refresh_token: refresh, id_token: id } }) => [access, refresh, id].join(' ')));
        const [{ body }] = answers;
        const isWhole = [body.access_token, body.refresh_token, body.id_token].every((value) => typeof value === 'string') && body.refresh_token !== first.body.refresh_token;
        const isAlive = isWhole && await lives(urls[0], body.access_token) && (await token(urls[1 % urls.length], { grant_type: 'refresh_token', refresh_token: body.refresh_token })).status === 200;
        return { answers, wrong: [[answers.some(({ status }) => status !== 200), 'not 200 for all'], [pairs.size !== 1, `${pairs.size} different answers`], [!isAlive, 'the answer is of no use']] };
    },
    'a device code polled': async (urls) => {

        const { body: { device_code: code } } = await post(`${urls[0]}/races/devices`, {});
        const answers = await race(urls, { grant_type: 'urn:ietf:params:oauth:grant-type:device_code', device_code: code });
        const [won] = answers.filter(({ status }) => status === 200);
        return { answers, wrong: [[!oneWins(answers), 'not one 200 and invalid_grant for all others'], [!await lives(urls[0], won?.body.access_token ?? ''), 'what the one got is of no use']] };
    }
};

const countOf = (answers) => {

    const counts = {};
    for (const { status, body } of answers) {
        const name = `${status} ${status === 200 ? '' : body.error}`.trim();
        counts[name] = (counts[name] ?? 0) + 1;
    }

    return counts;
};

const drive = async (engine, place, processes) => {

    const servers = await Promise.all(Array.from({ length: processes }, () => startServer(engine, place, [since, slowness])));
    const urls = servers.map(({ url }) => url);
    await race(urls, await authorize(urls[0], 'warm-up'));      // Not counted: new processes compile and connect, and may shed load with 503
    const rows = [];
    for (const [name, run] of Object.entries(races)) {
        const row = { engine, processes, race: name, rounds, requests: 0, '200': 0, 'invalid_grant': 0, 'other': 0, 'wrong rounds': 0, seconds: 0 };
        const began = performance.now();
        for (let i = 0; i < rounds; ++i) {
            let answers = [];
            let wrong = [];
            try {
                ({ answers, wrong } = await run(urls, `${engine} ${name} ${i}`.replaceAll(' ', '-')));
            }
            catch (err) {
                wrong = [[true, err.stack]];
            }

            const texts = wrong.filter(([is]) => is).map(([, text]) => text);
            const [ok, refused] = [answers.filter(({ status }) => status === 200).length, answers.filter(isRefused).length];
            row.requests += answers.length;
            row['200'] += ok;
            row.invalid_grant += refused;
            row.other += answers.length - ok - refused;
            row['wrong rounds'] += texts.length > 0 ? 1 : 0;
            problems.push(...texts.map((text) => `${engine}, ${name}, round ${i + 1}: ${text} ${JSON.stringify(countOf(answers))}`));
        }

        row.seconds = Math.round((performance.now() - began) / 100) / 10;
        rows.push(row);
        console.error(`${engine}, ${name}: ${row.seconds} s, ${row['wrong rounds']} wrong`);
    }

    for (const { child } of servers) {
        child.disconnect();
    }

    return rows;
};

const rows = [];
for (const [engine, place, processes] of [['PostgreSQL', POSTGRES_URL, Number(processesOfFleet)], ['Redis', REDIS_URL, Number(processesOfFleet)], ['memory', '', 1], ['PGlite', 'memory://', 1]]) {
    rows.push(...only === undefined || only === engine ? await drive(engine, place, processes) : []);
}

console.table(rows);
console.log([...problems.slice(0, 40), problems.length === 0 ? 'ok' : `${problems.length} problems`].join('\n'));
process.exit(problems.length === 0 ? 0 : 1);
