/** How the examples start and end as programs: settings are read here, and whatever goes wrong is said in one sentence. */

/** What runs, what to tell whoever started it, and how it stops. */
export interface Running {
    readonly says?: string;
    readonly stop: () => Promise<unknown>;
}

/** The port that `PORT` names, or 3000. */
export const portSetting = (): number => {

    const setting = process.env.PORT || '3000';
    const port = Number(setting);
    if (!Number.isInteger(port) || port < 1 || port > 65_535) {
        throw new Error(`PORT is '${setting}': give a number from 1 to 65535`);
    }

    return port;
};

/** The URL that an environment variable has, or `undefined` where it is not set. What is wrong is never repeated, since it may hold a password. */
export const urlSetting = (name: string, ...protocols: readonly string[]): string | undefined => {

    const value = process.env[name] || undefined;
    if (value !== undefined && !(URL.canParse(value) && protocols.includes(new URL(value).protocol))) {
        throw new Error(`${name} is no URL that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}: correct it, or leave it out`);
    }

    return value;
};

const sentenceOf = (err: unknown): string => {

    if (!(err instanceof Error)) {
        return String(err);
    }

    return 'code' in err && err.code === 'EADDRINUSE' ? `Port ${'port' in err ? String(err.port) : ''} is in use: stop what listens there, or set PORT to another` : err.message;
};

/** npm hands a signal to a shell between us, which ends without telling: when it is gone, we have got another parent. */
const stopWithParent = (stop: () => void): void => {

    const { ppid } = process;
    const timer = setInterval(() => {

        if (process.ppid !== ppid) {
            clearInterval(timer);
            stop();
        }
    }, 500);
};

/** Says in one sentence what went wrong, and ends. */
const fail = (err: unknown): never => {

    console.error(sentenceOf(err));
    process.exit(1);
};

/** Runs an example until Ctrl+C; one that does not start says why and ends with 1. */
export const launch = (start: () => Promise<Running>): void => {

    const run = async (): Promise<void> => {

        const { says, stop } = await start();
        const end = () => void stop().then(() => process.exit(0), fail);
        for (const signal of ['SIGINT', 'SIGTERM'] as const) {
            process.once(signal, end);
        }

        if (process.env.npm_lifecycle_event !== undefined) {
            stopWithParent(end);
        }

        if (says !== undefined) {
            console.log(`${says}\n\nPress Ctrl+C to stop.`);
        }
    };

    run().catch(fail);
};

/** Runs an example that comes to an end, and says what came of it. */
export const runOnce = (run: () => Promise<string>): void => {

    run().then((says) => {

        console.log(says);
        process.exit(0);
    }).catch(fail);
};
