// What the drivers throw while their engine is away, starting, busy or handed over: seen with pg 8, PGlite 0.5, ioredis 6 and redis 6 on engines that
// were stopped, killed, frozen and started again. All of it passes by itself, or when the client is replaced. What needs an operator
// (a full disk, a wrong password, a missing table) is no such thing: it stays an error that is looked at.

const codes: ReadonlySet<unknown> = new Set([
    'ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'EHOSTDOWN', 'ENETUNREACH', 'ENETDOWN',
    '57P01', '57P02', '57P03',                                  // PostgreSQL shuts down, has crashed, starts
    '57P05', '57014', '55P03',                                  // It ended the session, the statement or the wait for a lock: each was too slow
    '53300',                                                    // It has no connection left
    '25006'                                                     // It is a standby by now
]);

/** Names of classes: `redis` gives its errors no `name` of their own. */
const names: ReadonlySet<unknown> = new Set([
    'AbortError', 'TimeoutError', 'ConnectionTimeoutError', 'SocketTimeoutError', 'SocketClosedUnexpectedlyError', 'ClientClosedError', 'ClientOfflineError',
    'DisconnectsClientError', 'ReconnectStrategyError', 'RootNodesUnavailableError', 'SocketTimeoutDuringMaintenanceError', 'CommandTimeoutDuringMaintenanceError',
    'MaxCommandRedirectionsError', 'MaxRetriesPerRequestError', 'ClusterAllFailedError'
]);

/** The beginnings of messages, where an error has nothing else to tell it by, or a minifier may have renamed its class. */
const messages = new RegExp(`^(?:${[
    '(?:LOADING|MASTERDOWN|READONLY|CLUSTERDOWN|TRYAGAIN|NOREPLICAS|BUSY) ',                                            // Redis
    'Connection terminated', 'Query read timeout', 'timeout expired', 'timeout exceeded when trying to connect',                        // pg
    'Client (?:was closed|has encountered a connection error) and is not queryable', 'Cannot use a pool after calling end on the pool',
    'PGlite is (?:closed|closing)',
    'Connection is closed', 'Command timed out', 'Socket timeout', 'Stream isn\'t writeable', 'connect ETIMEDOUT', 'None of startup nodes is available',    // ioredis
    'Cluster is (?:disconnect|ended)', 'Cluster isn\'t ready', 'Node is disconnected', 'Too many Cluster redirections', 'Reached the max retries per request limit',
    'The client is (?:closed|offline)', 'Socket closed unexpectedly', 'Connection timeout', 'Disconnects client', 'All the root nodes are unavailable',   // redis
    'Redis did not answer within '                                                                                      // RedisStore
].join('|')})`);

/** How deep an error may be wrapped: enough for any, and an end for one that wraps itself. */
const deepest = 5;

/** Whether an error, or one that it wraps, says that the engine of a store is out of reach for now. */
export const isUnreachable = (err: unknown, depth = 0): boolean => {

    if (!(err instanceof Error) || depth === deepest) {
        return false;
    }

    const code = 'code' in err ? err.code : undefined;
    return codes.has(code) ||
        typeof code === 'string' && /^08[0-9A-Z]{3}$/.test(code) ||                                         // SQL: connection exception
        code === 'ENOENT' && 'syscall' in err && err.syscall === 'connect' ||                               // A socket in the file system that nobody listens on
        names.has(err.name) || names.has(err.constructor.name) ||
        messages.test(err.message) ||
        isUnreachable(err.cause, depth + 1);
};
