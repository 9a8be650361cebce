/** A plugin as a user would write it: a stage that takes its time, so that a run can be interrupted. */
import { definePlugin, defineStage, optionsOf } from "isocenter";
import { z } from "zod";

const options = optionsOf<{ milliseconds: number }>(z.strictObject({ milliseconds: z.int().min(0).default(300) }));

const slow = defineStage({
  name: "slow",
  description: "Waits.",
  needs: ["image"],
  uses: [],
  gives: [],
  reads: [],
  options,
  open: (_, { milliseconds }) => ({
    run: async () => {
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      return {};
    },
  }),
});

export default definePlugin({ name: "slow", stages: [slow] });
