/** A stage for tests: the mask is whatever is brighter than 7. */
import { definePlugin, defineStage, image as ops, optionsOf, type Plugin } from "isocenter";
import { z } from "zod";

const plugin: Plugin = definePlugin({
  name: "whole",
  stages: [defineStage({
    name: "whole",
    description: "Takes bright pixels as the region.",
    needs: ["image"],
    uses: [],
    gives: ["mask"],
    reads: [],
    options: optionsOf<Record<string, never>>(z.strictObject({})),
    open: ({ engine }) => ({
      run: ({ image: { tensor, geometry } }) => ({
        mask: {
          tensor: engine.run((r) => ops.threshold(r, r.reshape(tensor, tensor.shape.slice(1)), { at: 7 })),
          geometry,
        },
      }),
    }),
  })],
});

export default plugin;
