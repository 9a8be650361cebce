import { UsageError } from "../errors.ts";
import type { Source, Stage, Writer } from "./contract.ts";
import type { Pipeline, PipelineEntry } from "./pipeline_file.ts";
import { namesOf, type Registry } from "./registry.ts";
import type { Key } from "./values.ts";

/** A source or stage of a pipeline with all its options. */
export interface Link<T> {
  readonly part: T;
  readonly options: Readonly<Record<string, unknown>>;
  /** Writers that the options name, by name. */
  readonly writers: ReadonlyMap<string, Writer>;
}

/**
 * Stages that run between two readbacks: those that only submit work, then one readback of all that the others read, then
 * those. Numbers are positions in the chain.
 */
export interface Wave {
  readonly submit: readonly number[];
  readonly host: readonly number[];
}

/** A pipeline that has been proved: each stage's needs are given before it, and the options fit. */
export interface Chain {
  readonly source: Link<Source>;
  readonly stages: readonly Link<Stage>[];
  readonly waves: readonly Wave[];
}

/** Proves a pipeline without a device. Throws a `UsageError` that names the stage, what is wrong and the remedy. */
export function proveChain(pipeline: Pipeline, registry: Registry): Chain {
  for (const { stage } of pipeline.stages) {
    if (!registry.sources.has(stage) && !registry.stages.has(stage)) {
      throw new UsageError(`Cannot find stage ${stage}: the known ones are ${namesOf(registry)}`);
    }
  }
  const [first, ...rest] = pipeline.stages;
  const source = first && registry.sources.get(first.stage);
  if (!source) {
    const sources = [...registry.sources.keys()].join(", ") || "none, add a plugin that has one";
    throw new UsageError(
      `Cannot start a pipeline with ${first?.stage ?? "nothing"} as it isn't a source: begin with one of ${sources}`,
    );
  }
  const stages = rest.map((entry) => {
    const stage = registry.stages.get(entry.stage);
    if (!stage) throw new UsageError(`Cannot use ${entry.stage} after ${first.stage}: a pipeline has one source`);
    return linkOf(stage, parseOptions(stage, entry), registry);
  });
  proveNeeds(source, stages.map((link) => link.part), registry);
  return {
    source: { part: source, options: parseOptions(source, first), writers: new Map() },
    stages,
    waves: planWaves(stages.map((link) => link.part)),
  };
}

/** The pipeline with every default filled in. */
export function fullPipeline(chain: Chain): { stages: { stage: string; options: Record<string, unknown> }[] } {
  return {
    stages: [chain.source, ...chain.stages].map(({ part, options }) => ({ stage: part.name, options: { ...options } })),
  };
}

/** A stage with its options. What the writers use that it asks for, it takes and reads as well. */
function linkOf(stage: Stage, options: Record<string, unknown>, registry: Registry): Link<Stage> {
  const names = stage.writers?.(options as never) ?? [];
  const writers = new Map(names.map((name) => {
    const writer = registry.writers.get(name);
    if (writer) return [name, writer];
    const known = [...registry.writers.keys()].join(", ") || "none, add a plugin that has one";
    throw new UsageError(
      `Cannot write ${name} in stage ${stage.name} as no plugin does: the known writers are ${known}`,
    );
  }));
  if (writers.size === 0) return { part: stage, options, writers };
  const used = [...writers.values()].flatMap(({ uses }) => uses);
  const uses = [...new Set([...stage.uses, ...used])].filter((key) => !stage.needs.includes(key));
  return { part: { ...stage, uses, reads: [...new Set([...stage.reads, ...used])] }, options, writers };
}

function parseOptions(part: Source | Stage, entry: PipelineEntry): Record<string, unknown> {
  const given = entry.options ?? {};
  const { known, chosen } = knownOptions(part.options.toJSONSchema(), given);
  const strange = Object.keys(given).find((key) => !known.includes(key));
  const list = `its options${chosen === "" ? "" : ` with ${chosen}`} are ${known.join(", ") || "none"}`;
  if (strange !== undefined) throw new UsageError(`Cannot use ${strange} as an option of stage ${part.name}: ${list}`);
  try {
    return part.options.parse(given) as Record<string, unknown>;
  } catch (error) {
    const reason = `Cannot use the options of stage ${part.name} as ${(error as Error).message}`;
    throw new UsageError(chosen === undefined ? reason : `${reason} (${list})`);
  }
}

type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * The options of a schema. Where it has forms that constants tell apart, such as the filters of `denoise`, those of the form
 * that is given, and in words what tells it: nothing where no form is told.
 */
function knownOptions(
  schema: JsonSchema,
  given: Readonly<Record<string, unknown>>,
): { known: string[]; chosen?: string } {
  const properties = (one: JsonSchema) => (one.properties ?? {}) as Record<string, JsonSchema>;
  const known = (one: JsonSchema) => Object.keys(properties(one));
  const constants = (one: JsonSchema) =>
    Object.entries(properties(one)).flatMap(([key, { const: value }]) =>
      value === undefined ? [] : [[key, value] as const]
    );
  const forms = (schema.anyOf ?? []) as JsonSchema[];
  if (forms.length === 0) return { known: known(schema), chosen: "" };
  const told = forms.filter((one) =>
    constants(one).every(([key, value]) => value === (given[key] ?? properties(schema)[key]?.default))
  );
  // A form that requires options is told by these as well.
  const required = forms.find((one) => {
    const keys = (one.required ?? []) as string[];
    return keys.length > 0 && keys.every((key) => key in given);
  });
  const isNamed = forms.some((one) => constants(one).some(([key]) => key in given));
  const form = (isNamed ? undefined : required) ?? told[0];
  if (form === undefined) return { known: known(schema) };
  return { known: known(form), chosen: constants(form).map(([key, value]) => `${key} ${value}`).join(", ") };
}

function proveNeeds(source: Source, stages: readonly Stage[], registry: Registry): void {
  const given = new Set<string>(source.gives.map((key) => key.replace(/\?$/, "")));
  const before = [source.name];
  for (const stage of stages) {
    const missing = stage.needs.filter((key) => !given.has(key));
    if (missing.length > 0) {
      const remedies = missing.map((key) => `${key} comes from ${giversOf(key, registry)}`);
      throw new UsageError(
        `Cannot run stage ${stage.name} as it needs ${missing.join(", ")}, which none of ${before.join(", ")} gives: ` +
          remedies.join("; "),
      );
    }
    const strange = stage.reads.filter((key) => !stage.needs.includes(key) && !stage.uses.includes(key));
    if (strange.length > 0) {
      throw new UsageError(
        `Cannot use stage ${stage.name} as it reads ${strange.join(", ")}: name it in needs or uses, too`,
      );
    }
    for (const key of stage.gives) given.add(key);
    before.push(stage.name);
  }
}

function giversOf(key: Key, registry: Registry): string {
  const sources = [...registry.sources.values()].filter((part) => part.gives.some((given) => given === key));
  const stages = [...registry.stages.values()].filter((part) => part.gives.includes(key));
  return [...sources, ...stages].map((part) => part.name).join(" or ") || "no known stage";
}

/**
 * Puts each stage into the earliest wave that has what it wants. A stage that reads ends its wave, so one that only
 * submits work and wants what such a stage gives is in the next; all else goes before the readback.
 */
export function planWaves(stages: readonly Stage[]): Wave[] {
  const waveOf: number[] = [];
  const isHost = (stage: Stage) => stage.reads.length > 0;
  stages.forEach((stage, position) => {
    let wave = 0;
    for (let giver = 0; giver < position; giver++) {
      if (!wants(stage).some((key) => stages[giver].gives.includes(key))) continue;
      wave = Math.max(wave, waveOf[giver] + (isHost(stages[giver]) && !isHost(stage) ? 1 : 0));
    }
    waveOf.push(wave);
  });
  const positions = stages.map((_, position) => position);
  return Array.from({ length: Math.max(0, ...waveOf) + 1 }, (_, wave) => {
    const members = positions.filter((position) => waveOf[position] === wave);
    const host = members.filter((position) => isHost(stages[position]));
    return { submit: members.filter((position) => !isHost(stages[position])), host };
  });
}

/** Names of all values that a stage takes. */
export function wants(stage: Stage): Key[] {
  return [...stage.needs, ...stage.uses];
}
