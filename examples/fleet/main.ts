import cluster from 'node:cluster';
import { once } from 'node:events';

import { launch, portSetting, urlSetting } from '../launch';
import { openEngine } from './engine';
import { start } from './server';

const size = 3;

const settings = () => {

    const port = portSetting();
    const issuer = urlSetting('ISSUER', 'http:', 'https:');
    const secret = process.env.SECRET || (issuer === undefined ? 'a-secret-for-this-machine-and-no-other' : undefined);
    if (secret === undefined) {
        throw new Error('ISSUER needs a SECRET of 32 random characters or more, which all processes share');
    }

    return { port, issuer: issuer ?? `http://localhost:${port}`, secret };
};

/** Starts one process more, and answers whether it serves. */
const fork = async (): Promise<boolean> => {

    const worker = cluster.fork();
    return await Promise.race([once(worker, 'listening').then(() => true), once(worker, 'exit').then(() => false)]);
};

const replace = (): void => void fork();

/** Starts the processes one after the other, so that one that cannot start says why once; each that dies later is replaced. */
const startFleet = async (): Promise<void> => {

    for (let i = 0; i < size; ++i) {
        if (!await fork()) {
            process.exit(1);
        }
    }

    cluster.on('exit', replace);
};

const stopFleet = async (): Promise<void> => {

    cluster.off('exit', replace);
    const workers = Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
    const ended = workers.map((worker) => once(worker, 'exit'));
    workers.forEach((worker) => worker.process.kill());
    await Promise.all(ended);
};

const tryIt = (url: string): string => `
# A token from one process, used at each of them
TOKEN=$(curl -s -u nightly:nightly-secret-of-32-characters -d grant_type=client_credentials ${url}/oauth2/token | node -pe 'JSON.parse(fs.readFileSync(0)).access_token')
for i in 1 2 3 4; do curl -sw '\\n' -H "Authorization: Bearer $TOKEN" ${url}/reports; done`;

launch(async () => {

    const { port, issuer, secret } = settings();
    const { store, name, isShared, close } = await openEngine();
    if (cluster.isPrimary && isShared) {
        await close();
        await startFleet();
        return { says: `${size} processes on ${name} are ${issuer}\n${tryIt(`http://localhost:${port}`)}`, stop: stopFleet };
    }

    const server = await start({ port, issuer, secret, store });
    const stop = () => server.stop({ timeout: 1000 }).then(close);
    return cluster.isWorker ? { stop } : { says: `One process on ${name} is ${issuer}\n${tryIt(server.info.uri)}`, stop };
});
