/** Runs a script in Debian's Chromium with WebGPU on its own SwiftShader. */

const binary = "/usr/bin/chromium";

/** Whether the browser is there: `tests/browser/install.sh` brings it. */
export async function hasChromium(): Promise<boolean> {
  try {
    return (await Deno.stat(binary)).isFile;
  } catch {
    return false;
  }
}

/**
 * Runs the body of an async function in a page, which sees `input`, and gives what it returns; both are JSON. Throws with
 * what the page threw.
 */
export async function inChromium(body: string, input: unknown): Promise<unknown> {
  const { promise, resolve } = Promise.withResolvers<{ value?: unknown; error?: string }>();
  const page = `<!doctype html><script type="module">
    const answer = (result) => fetch("/answer", { method: "POST", body: JSON.stringify(result) });
    try {
      const input = await (await fetch("/input")).json();
      const value = await (async () => { ${body} })();
      await answer({ value });
    } catch (error) {
      await answer({ error: String(error) });
    }
  </script>`;
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const path = new URL(request.url).pathname;
    if (path === "/input") return Response.json(input);
    if (path === "/answer") resolve(await request.json());
    return new Response(page, { headers: { "content-type": "text/html" } });
  });
  const profile = await Deno.makeTempDir();
  const args = [
    "--headless=new",
    "--no-sandbox",
    "--no-first-run",
    `--user-data-dir=${profile}`,
    "--enable-unsafe-webgpu",
    "--use-webgpu-adapter=swiftshader",
    "--enable-features=Vulkan",
    `http://127.0.0.1:${server.addr.port}/`,
  ];
  const browser = new Deno.Command(binary, { args, stdout: "null", stderr: "null" }).spawn();
  try {
    const ended = browser.status.then(({ code }) => ({ error: `Chromium ended with ${code}` }));
    const { value, error } = await Promise.race([promise, ended]) as { value?: unknown; error?: string };
    if (error !== undefined) throw new Error(error);
    return value;
  } finally {
    try {
      browser.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
    await browser.status;
    await Deno.remove(profile, { recursive: true }).catch(() => {});
  }
}
