import { createDemo } from './demo';
import { tryIt } from './try-it';

const portOf = (value = '3000'): number => {

    const port = Number(value);
    if (!Number.isInteger(port) || port < 1 || port > 65535) {
        throw new Error(`PORT is '${value}': give a number from 1 to 65535`);
    }

    return port;
};

/** npm hands a signal to the shell between us, which ends without telling: when it is gone, we have got another parent. */
const stopWithParent = (stop: () => void): void => {

    const { ppid } = process;
    const timer = setInterval(() => {

        if (process.ppid !== ppid) {
            clearInterval(timer);
            stop();
        }
    }, 500);
};

const start = async (): Promise<void> => {

    const port = portOf(process.env.PORT || undefined);
    const issuer = process.env.ISSUER || `http://localhost:${port}`;
    const server = await createDemo({ port, issuer, host: process.env.HOST });
    await server.start().catch((err: unknown) => {

        throw new Error(`The demo cannot listen on port ${port}: stop what does, or set PORT to another`, { cause: err });
    });
    const stop = () => void server.stop({ timeout: 1000 }).then(() => process.exit(0));
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
        process.once(signal, stop);
    }

    if (process.env.npm_lifecycle_event !== undefined) {
        stopWithParent(stop);
    }

    console.log(`The demo authorization server runs at ${issuer}\n\n${tryIt(issuer, `http://localhost:${port}/callback`)}\nPress Ctrl+C to stop.`);
};

start().catch((err: unknown) => {

    console.error(err instanceof Error ? err.message : err);
    process.exitCode = 1;
});
