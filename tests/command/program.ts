/** Runs the program as a process, with the permissions of its task. */
import config from "../../deno.json" with { type: "json" };

/** What a process came to. */
export interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The folder of the program. */
export const root: URL = new URL("../../", import.meta.url);

/** The flags of `deno run` in the task of a command. */
export function taskFlags(task: keyof typeof config.tasks): string[] {
  return config.tasks[task].command.split(" ").filter((word) => word.startsWith("--allow-"));
}

/** Starts a command; `flags` replaces the permissions of its task, `env` joins the environment. */
export function start(
  command: keyof typeof config.tasks,
  args: readonly string[],
  flags: readonly string[] = taskFlags(command),
  env: Record<string, string> = {},
): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", ...flags, "main.ts", command, ...args],
    cwd: root,
    env,
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs a command to its end. */
export async function run(
  command: keyof typeof config.tasks,
  args: readonly string[],
  flags?: readonly string[],
): Promise<Ended> {
  const { code, stdout, stderr } = await start(command, args, flags).output();
  return { status: code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

/** Gives `work` a folder that is removed afterwards. */
export async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Paths of all files in a folder, relative to it, sorted. */
export async function filesIn(folder: string, prefix = ""): Promise<string[]> {
  const names: string[] = [];
  for await (const entry of Deno.readDir(`${folder}/${prefix}`)) {
    if (entry.isDirectory) names.push(...await filesIn(folder, `${prefix}${entry.name}/`));
    else names.push(`${prefix}${entry.name}`);
  }
  return names.sort();
}

/** Reads standard output to its end, and resolves as soon as `count` cases are through. */
export function waitForCases(process: Deno.ChildProcess, count: number): Promise<void> {
  return new Promise((resolve) => {
    let text = "";
    const look = new WritableStream<string>({
      write(part) {
        text += part;
        if (text.split('"type":"case"').length > count) resolve();
      },
      close: () => resolve(),
    });
    process.stdout.pipeThrough(new TextDecoderStream()).pipeTo(look);
  });
}
