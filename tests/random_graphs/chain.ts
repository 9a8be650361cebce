/** What draws of several nodes share. */
import type { Draw } from "./drawing.ts";
import type { Known, RandomGraph } from "./graph.ts";

/** Adds a node and gives its result; throws where it doesn't make sense, which ends the chain. */
export function next(g: RandomGraph, ...args: Parameters<RandomGraph["add"]>): Known {
  if (!g.add(...args)) throw new EndOfChain();
  return g.values.at(-1)!;
}

class EndOfChain extends Error {}

/** A chain that may end early: what was added until then stays. */
export const chain = (work: (g: RandomGraph) => boolean): Draw => (g) => {
  try {
    return work(g);
  } catch (error) {
    if (error instanceof EndOfChain) return false;
    throw error;
  }
};
