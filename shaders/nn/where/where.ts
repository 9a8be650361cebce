/** `where` has no options. */
export type WhereOptions = Record<never, never>;
