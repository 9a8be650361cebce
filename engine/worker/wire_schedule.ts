/** Schedules as plain data: what operations recorded in one thread is run in another. */

import type { Call, Page } from "../../shaders/contract.ts";
import type { Holding } from "../memory/mod.ts";
import type { DispatchStep, Node, Schedule, Step } from "../kernel/mod.ts";

/** A slab whose workgroups are a table: three numbers for each count of layers from 1. */
interface WireSlab extends Omit<NonNullable<Call["slab"]>, "groups"> {
  readonly groups: Uint32Array<ArrayBuffer>;
}

interface WireDispatch extends Omit<DispatchStep, "page" | "call"> {
  readonly page: number;
  readonly call: Omit<Call, "bind" | "slab"> & { readonly slab?: WireSlab };
}

type WireStep = WireDispatch | Exclude<Step, DispatchStep>;

/** A schedule without functions and handles; its nodes are those of its steps, by identity. */
export interface WireSchedule extends Omit<Schedule, "steps" | "tensors"> {
  readonly steps: readonly WireStep[];
  /** Ids of the tensors that it reads. */
  readonly tensors: readonly number[];
  /** The pages that go along for the first time, by their numbers. */
  readonly pages: ReadonlyMap<number, Page>;
}

/** Makes schedules into plain data; each page goes along once. */
export class ScheduleWriter {
  readonly #pages = new Map<Page, number>();

  /** The pages that went along so far. */
  get pages(): readonly Page[] {
    return [...this.#pages.keys()];
  }

  write(schedule: Schedule, idOf: (tensor: Holding) => number): WireSchedule {
    const pages = new Map<number, Page>();
    const nodes = new Map<Node, Node>();
    const plainNode = (node: Node): Node => {
      let plain = nodes.get(node);
      if (plain === undefined) {
        const { layout, home, need, extents } = node;
        nodes.set(node, plain = { layout, home, need, extents });
      }
      return plain;
    };
    const steps = schedule.steps.map((step): WireStep => {
      if (step.kind === "copy") return { kind: "copy", from: plainNode(step.from), to: plainNode(step.to) };
      const { bind: _, slab, ...call } = step.call;
      return {
        kind: "dispatch",
        page: this.#pageNumber(step.page, pages),
        nodes: step.nodes.map((node) => node && plainNode(node)),
        call: slab ? { ...call, slab: { ...slab, groups: tabulated(slab) } } : call,
        label: step.label,
      };
    });
    const placeOf = new Map([...schedule.placeOf].map(([node, place]) => [plainNode(node), place]));
    return { ...schedule, steps, placeOf, tensors: schedule.tensors.map(idOf), pages };
  }

  #pageNumber(page: Page, fresh: Map<number, Page>): number {
    const known = this.#pages.get(page);
    if (known !== undefined) return known;
    const number = this.#pages.size;
    this.#pages.set(page, number);
    const { name, file, text, libs, bindings, staged } = page;
    fresh.set(number, { name, file, text, libs, bindings, staged });
    return number;
  }
}

/** Makes plain data into schedules again. */
export class ScheduleReader {
  readonly #pages = new Map<number, Page>();

  read({ pages, ...wire }: WireSchedule, tensorOf: (id: number) => Holding): Schedule {
    for (const [number, page] of pages) this.#pages.set(number, page);
    const steps = wire.steps.map((step): Step => {
      if (step.kind === "copy") return step;
      const { slab, ...call } = step.call;
      return {
        ...step,
        page: this.#pages.get(step.page)!,
        call: {
          ...call,
          bind: {},
          ...slab && { slab: { ...slab, groups: (layers) => groupsOf(slab.groups, layers) } },
        },
      };
    });
    return { ...wire, steps, tensors: wire.tensors.map(tensorOf) };
  }
}

function tabulated({ layers, groups }: NonNullable<Call["slab"]>): Uint32Array<ArrayBuffer> {
  const table = new Uint32Array(3 * layers);
  for (let count = 1; count <= layers; count++) table.set(groups(count), 3 * (count - 1));
  return table;
}

function groupsOf(table: Uint32Array, layers: number): [number, number, number] {
  const at = 3 * (layers - 1);
  return [table[at], table[at + 1], table[at + 2]];
}
