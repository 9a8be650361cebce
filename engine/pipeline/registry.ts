import { UsageError } from "../errors.ts";
import type { Plugin, Source, Stage } from "./contract.ts";

/** The sources and stages of all plugins, by name. */
export interface Registry {
  readonly sources: ReadonlyMap<string, Source>;
  readonly stages: ReadonlyMap<string, Stage>;
}

/** Collects what plugins offer. Throws a `UsageError` for what is no plugin, and for a name that two of them use. */
export function createRegistry(plugins: readonly unknown[]): Registry {
  const sources = new Map<string, Source>();
  const stages = new Map<string, Stage>();
  const givers = new Map<string, string>();
  for (const candidate of plugins) {
    const plugin = checkPlugin(candidate);
    for (const part of [...plugin.sources ?? [], ...plugin.stages ?? []]) {
      const other = givers.get(part.name);
      if (other !== undefined) {
        throw new UsageError(
          `Cannot use plugin ${plugin.name} as its ${part.kind} ${part.name} has the name of one of plugin ${other}: rename it`,
        );
      }
      givers.set(part.name, plugin.name);
      if (part.kind === "source") sources.set(part.name, part);
      else stages.set(part.name, part);
    }
  }
  return { sources, stages };
}

/** Names of all sources and stages, for messages. */
export function namesOf(registry: Registry): string {
  return [...registry.sources.keys(), ...registry.stages.keys()].join(", ");
}

/** Plugins come from modules of anyone, so their structure is checked and not their types. */
function checkPlugin(candidate: unknown): Plugin {
  if (!isRecord(candidate) || typeof candidate.name !== "string") {
    throw new UsageError(
      `Cannot use a plugin that is ${typeof candidate} without a name: its module must export definePlugin({ name, ... }) as default`,
    );
  }
  const parts: [field: string, kind: string, functions: string[], lists: string[]][] = [
    ["sources", "source", ["open"], ["gives"]],
    ["stages", "stage", ["open"], ["needs", "uses", "gives", "reads"]],
  ];
  for (const [field, kind, functions, lists] of parts) {
    for (const part of (candidate[field] ?? []) as unknown[]) {
      const missing = isRecord(part)
        ? [
          ...part.kind === kind ? [] : ["kind"],
          ...typeof part.name === "string" ? [] : ["name"],
          ...functions.filter((name) => typeof part[name] !== "function"),
          ...lists.filter((name) => !Array.isArray(part[name])),
          ...isRecord(part.options) && typeof part.options.parse === "function" ? [] : ["options"],
        ]
        : ["all"];
      if (missing.length > 0) {
        throw new UsageError(
          `Cannot use plugin ${candidate.name} as a ${kind} of it lacks ${missing.join(", ")}: ` +
            `declare it with ${kind === "source" ? "defineSource" : "defineStage"}`,
        );
      }
    }
  }
  return candidate as unknown as Plugin;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
