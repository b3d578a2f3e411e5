/** Where a flow ended. */
export type FlowStep = 'authorization' | 'page' | 'device_authorization' | 'token';

/** What is known of an end. */
export interface FlowEnd {
    readonly step: FlowStep;
    readonly statusCode: number;
    /** The OAuth error code that the client reads. */
    readonly code?: string | undefined;
    readonly description?: string | undefined;
    /** What the server answered. */
    readonly payload: string;
}

/** A flow in a test that did not end with tokens. Its message says where and how; `code` is what the client reads. */
export class FlowError extends Error implements FlowEnd {

    override readonly name = 'FlowError';
    readonly step: FlowStep;
    readonly statusCode: number;
    readonly code: string | undefined;
    readonly description: string | undefined;
    readonly payload: string;

    constructor(message: string, { step, statusCode, code, description, payload }: FlowEnd) {

        super(message);
        this.step = step;
        this.statusCode = statusCode;
        this.code = code;
        this.description = description;
        this.payload = payload;
    }
}
