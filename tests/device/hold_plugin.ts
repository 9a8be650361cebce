/** A stage for tests: it holds each case for as long as a file `hold` lies in the folder of the process. */
import { definePlugin, defineStage, optionsOf, type Plugin } from "isocenter";
import { z } from "zod";

const plugin: Plugin = definePlugin({
  name: "hold",
  stages: [defineStage({
    name: "hold",
    description: "Holds each case while there is a file hold.",
    needs: ["image"],
    uses: [],
    gives: [],
    reads: [],
    options: optionsOf<Record<string, never>>(z.strictObject({})),
    open: () => ({
      run: async () => {
        while (await Deno.stat("hold").then(() => true, () => false)) {
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
        return {};
      },
    }),
  })],
});

export default plugin;
