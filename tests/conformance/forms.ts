/** The half of `conformance` that forces the forms of operations by name. */
import { UsageError } from "../../engine/errors.ts";
import type { Engine, EngineOptions } from "../../engine/mod.ts";
import { type Facts, operations } from "../../shaders/mod.ts";
import { Engines } from "./engines.ts";
import type { ConformanceCase, ConformanceResult, Outcome } from "./result.ts";

/** A form of an operation that is to be forced. */
export interface ForcedForm {
  readonly operation: string;
  readonly form: string;
}

/** A case that passed, with its outcome and the forms (`OPERATION/FORM`) that served it when none was forced. */
export interface RecordedCase {
  readonly test: ConformanceCase;
  readonly outcome: Outcome;
  readonly forms: ReadonlySet<string>;
}

/** How the forms did. */
export interface FormsOutcome {
  /** A result for each case in each form: `group` is the form, `skipped` are those that another form served. */
  readonly results: readonly ConformanceResult[];
  /** Forms and operations that were not run, one line for each reason. */
  readonly left: readonly string[];
}

const declared = operations.flatMap(({ operation: { name, forms } }) => forms === undefined ? [] : [{ name, forms }]);

/** The forms that `--form all` and `--form OPERATION=FORM` ask for. Throws a `UsageError` for one that there is not. */
export function formsAsked(asked: readonly string[]): ForcedForm[] {
  if (asked.includes("all")) {
    return declared.flatMap(({ name, forms }) => Object.keys(forms).map((form) => ({ operation: name, form })));
  }
  return asked.map((text) => {
    const [operation, form] = text.split("=");
    const forms = declared.find(({ name }) => name === operation)?.forms;
    if (forms === undefined) {
      const names = declared.map(({ name }) => name).sort().join(", ");
      throw new UsageError(`--form ${text}: "${operation}" is no operation of several forms: give all or ${names}`);
    }
    if (!Object.hasOwn(forms, form ?? "")) {
      const names = Object.keys(forms).map((name) => `${operation}=${name}`).join(", ");
      throw new UsageError(`--form ${text}: ${operation} has no such form: give ${names}`);
    }
    return { operation, form };
  });
}

/**
 * Runs the cases in each form: those that record its operation, unless it alone served them unforced. A case that the form does
 * not serve is skipped, with the reason. Tells of each form that is done, as whole networks take minutes.
 */
export async function conformForms(
  asked: readonly ForcedForm[],
  cases: readonly RecordedCase[],
  facts: Facts,
  open: (options: EngineOptions) => Promise<Engine>,
  tell: (form: string) => void,
): Promise<FormsOutcome> {
  const results: ConformanceResult[] = [];
  const lacking: string[] = [];
  const unmet = new Set<string>();
  for (const { operation, form } of asked) {
    const name = `${operation}/${form}`;
    const own = cases.filter(({ forms }) => [...forms].some((form) => form.startsWith(`${operation}/`)));
    if (own.length === 0) unmet.add(operation);
    else if (!canRun({ operation, form }, facts)) lacking.push(name);
    else {
      results.push(...await runForced({ operation, form }, own, () => open({ forms: { [operation]: form } })));
      tell(name);
    }
  }
  const left = [
    ...lacking.length > 0 ? [`not run, as this device lacks what they need: ${lacking.join(", ")}`] : [],
    ...unmet.size > 0 ? [`not run, as no case that passed records them: ${[...unmet].join(", ")}`] : [],
  ];
  return { results, left };
}

function canRun({ operation, form }: ForcedForm, facts: Facts): boolean {
  return declared.find(({ name }) => name === operation)?.forms[form].needs?.(facts) !== false;
}

async function runForced(
  { operation, form }: ForcedForm,
  cases: readonly RecordedCase[],
  open: () => Promise<Engine>,
): Promise<ConformanceResult[]> {
  const results: ConformanceResult[] = [];
  const name = `${operation}/${form}`;
  using engines = new Engines(open);
  for (const { test, outcome, forms } of cases) {
    const isServed = [...forms].every((served) => served === name || !served.startsWith(`${operation}/`));
    const forced = isServed ? outcome : await outcomeOf(name, test, engines);
    results.push({ group: name, name: `${test.group}: ${test.name}`, form: name, ...forced });
  }
  return results;
}

async function outcomeOf(form: string, test: ConformanceCase, engines: Engines): Promise<Outcome> {
  const { result, forms } = await engines.formsOf(() => test.run(() => engines.get()));
  if (result.status !== "passed" || forms.some((name) => name.split(" ")[0] === form)) return result;
  return { status: "skipped", reason: `${form} cannot compute the case: another form served` };
}
