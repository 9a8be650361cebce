/** The page in Chromium, used as somebody would. */
import { assert, assertEquals } from "@std/assert";
import { geometryOfSpacing } from "isocenter";
import { openService } from "../../engine/service/service.ts";
import { encodeNifti } from "../../plugins/formats/nifti/encode.ts";
import { hasChromium } from "../browser/chromium.ts";
import { inFolder } from "../command/program.ts";

const names = ["acquire", "denoise", "segment", "classify", "evaluate", "export", "report"];
const mask = import.meta.resolve("../command/mask_plugin.ts");
const plugins = [...names.map((name) => import.meta.resolve(`../../plugins/${name}/${name}.ts`)), mask];
const peers = new URL("../peers/", import.meta.url).pathname;

/** A bright ball. */
function ball(): Uint8Array<ArrayBuffer> {
  const data = Float32Array.from({ length: 8 * 24 * 32 }, (_, at) => {
    const [x, y, z] = [at % 32, Math.floor(at / 32) % 24, Math.floor(at / 768)];
    return 20 - Math.hypot(x - 14, y - 12, 2 * z - 8) + Math.sin(7 * at);
  });
  return encodeNifti(data, [1, 8, 24, 32], geometryOfSpacing([2, 1, 1])) as Uint8Array<ArrayBuffer>;
}

Deno.test(
  { name: "a study is sent, seen, filtered and reported by the page", ignore: !await hasChromium() },
  () =>
    inFolder(async (folder) => {
      await using service = await openService({
        plugins,
        stages: ["acquire", "whole", "evaluate", "export", "report"],
        models: {},
      });
      await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, service.fetch);
      const host = `127.0.0.1:${server.addr.port}`;
      await Deno.mkdir(`${folder}/study/below`, { recursive: true });
      await Deno.writeFile(`${folder}/study/ball.nii.gz`, ball());
      await Deno.writeFile(`${folder}/study/below/ball.nii.gz`, ball());
      const pictures = Deno.env.get("PICTURES") ?? folder;
      const { code, stdout } = await new Deno.Command(Deno.execPath(), {
        args: [
          ...["run", "--frozen", "-A", "--config", `${peers}/deno.json`, `${peers}/use_page.ts`],
          ...[`http://${host}/`, `${folder}/study`, pictures],
        ],
        stderr: "inherit",
      }).output();
      assertEquals(code, 0);
      const seen = JSON.parse(new TextDecoder().decode(stdout));
      assertEquals(seen.dropped, { marked: true, files: 2 });
      const controls = [
        "files",
        "pipeline",
        "case",
        "view",
        "overlay",
        "opacity",
        "slice",
        "volume",
        "filter",
        "strength",
      ];
      for (const stop of [...controls, "Process", "cases/case-1/segmentation.dcm"]) {
        assert(seen.stops.includes(stop), `Tab does not come to ${stop}: ${seen.stops.join(", ")}`);
      }
      assertEquals(seen.spoken.nameless, []);
      for (const name of ["Slices and volume", "Sigma in pixels", "Overlay of the region", "Report of the run"]) {
        assert(
          seen.spoken.named.some((said: string) => said.includes(name)),
          `${name}: ${seen.spoken.named.join("; ")}`,
        );
      }
      assertEquals(seen.shown, { before: true, after: true, difference: true });
      assertEquals([seen.viewChanges, seen.overlayShows, seen.strength], [true, true, "2"]);
      assert(seen.first.startsWith("median: the difference is"), seen.first);
      assert(seen.moved !== seen.gaussian, "the slider changes the difference");
      assert(seen.where.startsWith("At "), seen.where);
      assert(seen.report.startsWith("Isocenter report"), seen.report);
      assert(seen.files.includes("cases/case-1/segmentation.dcm"), seen.files.join());
      assertEquals([seen.hosts, seen.violations, seen.faults], [[host], [], []]);
    }),
);
