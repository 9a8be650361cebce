/** Where this program keeps what it makes once; nothing where the user has no place for that. */
export function cacheFolder(): string | undefined {
  const home = Deno.env.get("HOME");
  const cache = Deno.env.get("XDG_CACHE_HOME") || (home ? `${home}/.cache` : undefined);
  return cache === undefined ? undefined : `${cache}/isocenter`;
}
