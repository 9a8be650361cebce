/** A plugin that tries what no plugin may: its stage notes what it got. */
import { definePlugin, defineStage, optionsOf } from "isocenter";
import { z } from "zod";

const attempts: Readonly<Record<string, () => unknown>> = {
  "read elsewhere": () => Deno.readTextFileSync("/etc/hostname"),
  "write elsewhere": () => Deno.writeTextFileSync(`${Deno.cwd()}/../greedy`, "x"),
  "write inputs": () => Deno.writeTextFileSync(`${Deno.cwd()}/greedy`, "x"),
  "environment": () => Deno.env.get("HOME"),
  "run": () => new Deno.Command("ls").outputSync(),
  "native code": () => Deno.dlopen("libm.so.6", {}),
  "network": () => Deno.connect({ port: 9 }),
  "system": () => Deno.hostname(),
};

const greedy = defineStage({
  name: "greedy",
  description: "Tries what it may not.",
  needs: ["image"],
  uses: [],
  gives: ["measures"],
  reads: [],
  options: optionsOf(z.strictObject({})),
  open: () => ({
    run: async () => {
      const got: string[] = [];
      for (const [name, attempt] of Object.entries(attempts)) {
        try {
          await attempt();
          got.push(name);
        } catch (error) {
          if (!(error instanceof Deno.errors.NotCapable)) got.push(`${name}: ${error}`);
        }
      }
      return { measures: { got } };
    },
  }),
});

export default definePlugin({ name: "greedy", stages: [greedy] });
