/** Whether two types are one: neither `any`, nor a type that is only assignable, passes for another. */
export type Equals<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;

/** Compiles for `true` only. */
export const yes = <T extends true>(): T | undefined => undefined;

/** The members of an object type as one flat object, so that an intersection equals the object written out. */
export type Flat<T> = { [K in keyof T]: T[K] };

/** The context of a handler: its first argument. */
export type ContextOf<H> = H extends (ctx: infer C, ...others: never) => unknown ? Flat<C> : never;
