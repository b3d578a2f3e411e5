import type { Server } from '@hapi/hapi';

/** The issuer of a server that was given none: this machine, at the port that hapi listens on, which is known once it does. Each request asks several times. */
export const localIssuer = ({ info }: Server): () => string => {

    let [port, protocol]: readonly unknown[] = [];
    let issuer: string | undefined;
    return () => {

        if (issuer === undefined || port !== info.port || protocol !== info.protocol) {
            ({ port, protocol } = info);
            issuer = `${protocol === 'https' ? 'https' : 'http'}://localhost${typeof port === 'number' && port > 0 ? `:${port}` : ''}`;
        }

        return issuer;
    };
};
