import { UsageError } from "../errors.ts";
import type { Values } from "./values.ts";
import type { Plugin, Source, Stage, Writer } from "./contract.ts";

/** The names of values that every pipeline knows. */
const builtIn = [
  "original",
  "image",
  "mask",
  "boxes",
  "crops",
  "classes",
  "maps",
  "header",
  "padding",
  "truth",
  "checks",
  "measures",
] as const satisfies readonly (keyof Values)[];

/** The sources, stages and writers of all plugins, by name. */
export interface Registry {
  /** The sources. */
  readonly sources: ReadonlyMap<string, Source>;
  /** The stages. */
  readonly stages: ReadonlyMap<string, Stage>;
  /** The writers. */
  readonly writers: ReadonlyMap<string, Writer>;
}

/** Collects what plugins offer. Throws a `UsageError` for an object that isn't a plugin, and for a name used twice. */
export function createRegistry(plugins: readonly unknown[]): Registry {
  const sources = new Map<string, Source>();
  const stages = new Map<string, Stage>();
  const writers = new Map<string, Writer>();
  const givers = new Map<string, string>();
  const checked = plugins.map(checkPlugin);
  const keys: readonly string[] = [...builtIn, ...checked.flatMap(ownKeys)];
  for (const plugin of checked) {
    for (const part of [...plugin.sources ?? [], ...plugin.stages ?? [], ...plugin.writers ?? []]) {
      const other = givers.get(`${part.kind === "writer"} ${part.name}`);
      if (other !== undefined) {
        throw new UsageError(
          `Cannot use plugin ${plugin.name} as its ${part.kind} ${part.name} has the name of one of plugin ${other}: rename it`,
        );
      }
      givers.set(`${part.kind === "writer"} ${part.name}`, plugin.name);
      checkKeys(part, plugin, keys);
      if (part.kind === "source") sources.set(part.name, part);
      else if (part.kind === "stage") stages.set(part.name, part);
      else writers.set(part.name, part);
    }
  }
  return { sources, stages, writers };
}

/** The values that a plugin declares. Their names begin with the plugin's, so that no two plugins clash. */
function ownKeys(plugin: Plugin): string[] {
  const keys = Object.keys(plugin.keys ?? {});
  const strange = keys.find((key) => !key.startsWith(`${plugin.name}.`) || key.length < plugin.name.length + 2);
  if (strange === undefined) return keys;
  throw new UsageError(
    `Cannot use plugin ${plugin.name} as it declares the value ${strange}: name it ${plugin.name}.NAME`,
  );
}

/** Throws where a part takes or gives a value that nobody has declared. */
function checkKeys(part: Source | Stage | Writer, plugin: Plugin, known: readonly string[]): void {
  const named = part.kind === "source"
    ? part.gives
    : part.kind === "writer"
    ? part.uses
    : [...part.needs, ...part.uses, ...part.gives, ...part.reads];
  const strange = named.find((key) => !known.includes(key.replace(/\?$/, "")));
  if (strange === undefined) return;
  throw new UsageError(
    `Cannot use plugin ${plugin.name} as its ${part.kind} ${part.name} names the value ${strange}, which no plugin declares: ` +
      `use one of ${known.join(", ")}, or declare ${plugin.name}.NAME in the plugin's keys`,
  );
}

/** Names of all sources and stages, for messages. */
export function namesOf(registry: Registry): string {
  return [...registry.sources.keys(), ...registry.stages.keys()].join(", ");
}

/** Plugins come from modules of anyone, so their structure is checked and not their types. */
function checkPlugin(candidate: unknown): Plugin {
  if (!isRecord(candidate) || typeof candidate.name !== "string") {
    throw new UsageError(
      `Cannot use a plugin that is a ${typeof candidate} without a name: its module must export definePlugin({ name, ... }) as default`,
    );
  }
  const parts: [field: string, kind: string, functions: string[], lists: string[]][] = [
    ["sources", "source", ["open"], ["gives"]],
    ["stages", "stage", ["open"], ["needs", "uses", "gives", "reads"]],
    ["writers", "writer", ["write"], ["uses"]],
  ];
  for (const [field, kind, functions, lists] of parts) {
    for (const part of (candidate[field] ?? []) as unknown[]) {
      const missing = isRecord(part)
        ? [
          ...part.kind === kind ? [] : ["kind"],
          ...typeof part.name === "string" ? [] : ["name"],
          ...functions.filter((name) => typeof part[name] !== "function"),
          ...lists.filter((name) => !Array.isArray(part[name])),
          ...kind === "writer" || isRecord(part.options) && typeof part.options.parse === "function" ? [] : ["options"],
        ]
        : ["all"];
      if (missing.length > 0) {
        throw new UsageError(
          `Cannot use plugin ${candidate.name} as a ${kind} of it lacks ${missing.join(", ")}: ` +
            `declare it with define${kind[0].toUpperCase()}${kind.slice(1)}`,
        );
      }
    }
  }
  return candidate as unknown as Plugin;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
