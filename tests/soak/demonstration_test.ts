/** The networks know the phantoms of the demonstration: the first run of a user warns of nothing. */
import { assertEquals } from "@std/assert";
import { inFolder, run } from "../command/program.ts";

interface Done {
  readonly id: string;
  readonly measures: { readonly familiarity: { readonly unfamiliar: boolean } };
  readonly warnings: readonly string[];
}

Deno.test("no phantom of the demonstration is called unfamiliar", () =>
  inFolder(async (folder) => {
    const { status, stderr } = await run("process", ["--output", `${folder}/out`]);
    assertEquals(status, 0, stderr);
    const cases: Done[] = JSON.parse(await Deno.readTextFile(`${folder}/out/run.json`)).cases;
    assertEquals(cases.length, 12);
    for (const { id, measures, warnings } of cases) {
      assertEquals({ id, unfamiliar: measures.familiarity.unfamiliar, warnings }, {
        id,
        unfamiliar: false,
        warnings: [],
      });
    }
  }));
