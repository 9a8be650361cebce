import { counted } from "../pipeline/counted.ts";
import type { RunEvent } from "../pipeline/events.ts";
import { interruptedStatus } from "../pipeline/exit_status.ts";
import { plainText } from "./plain_text.ts";

/** Where progress is shown: a terminal gets a bar, anything else lines. */
export interface ProgressScreen {
  readonly isTerminal: boolean;
  /** Characters in a line. */
  readonly columns: number;
  /** Writes text as it is. */
  write(text: string): void;
  /** Seconds, from any beginning. */
  now(): number;
}

/** What is told at the end of a run: how many cases came to what, and the run's own files. */
export function lastLines(event: RunEvent & { readonly type: "finish" }): string[] {
  const { done, failed } = event.summary.cases as { done: number; failed: number };
  const ending = event.status === interruptedStatus ? "; interrupted, go on with --resume" : "";
  return [
    `${counted(done, "case")} done, ${failed} failed in ${duration(event.seconds)}${ending}`,
    ...event.files.map((file) => `${event.output}/${file}`),
  ];
}

/** Shows how a run goes on: a bar with stage, case, rate and time left, and a line for each case that fails or warns. */
export class Progress {
  readonly #screen: ProgressScreen;
  #cases = 0;
  #through = 0;
  #doneBefore = 0;
  #start = 0;

  constructor(screen: ProgressScreen) {
    this.#screen = screen;
  }

  /** Shows an event. */
  show(event: RunEvent): void {
    if (event.type === "listing") {
      if (this.#screen.isTerminal) this.#over(`looking at files: ${event.files.toLocaleString("en-US")}`);
    } else if (event.type === "start") {
      this.#cases = event.cases;
      this.#through = this.#doneBefore = event.doneBefore;
      this.#start = this.#screen.now();
      const before = event.doneBefore === 0 ? "" : `, ${event.doneBefore} of them done before`;
      this.#line(`${counted(event.cases, "case")}${before} on ${event.adapter}: ${event.stages.join(", ")}`);
    } else if (event.type === "stage") {
      this.#bar(event.id === "" ? event.stage : `${event.stage} ${event.id}`);
    } else if (event.type === "progress") {
      this.#bar(`${event.stage} ${event.id} ${Math.floor(100 * event.share)} %`);
    } else if (event.type === "case") {
      this.#through = event.through;
      for (const warning of event.warnings) this.#line(`${event.id}: warning: ${warning}`);
      if (event.status === "failed") this.#line(`${event.id}: failed: ${event.error?.message}`);
      else if (!this.#screen.isTerminal) this.#line(`${event.id}: done (${event.through} of ${this.#cases})`);
      this.#bar(event.id);
    } else {
      this.#line("");
    }
  }

  /** Writes a line above the bar; an empty one only removes the bar. */
  #line(text: string): void {
    const clear = this.#screen.isTerminal ? "\r\x1b[2K" : "";
    this.#screen.write(text === "" ? clear : `${clear}${plainText(text)}\n`);
  }

  #bar(what: string): void {
    if (!this.#screen.isTerminal) return;
    const share = this.#cases === 0 ? 1 : this.#through / this.#cases;
    const width = 24;
    const full = Math.round(share * width);
    const count = `${this.#through}/${this.#cases}`;
    const text = `${"█".repeat(full)}${"░".repeat(width - full)} ${count}${this.#pace()} ${what}`;
    this.#over(text);
  }

  /** A line that the next one takes the place of. */
  #over(text: string): void {
    this.#screen.write(`\r\x1b[2K${plainText(text).slice(0, this.#screen.columns - 1)}`);
  }

  /** Rate and time left, as soon as a case of this run is through. */
  #pace(): string {
    const cases = this.#through - this.#doneBefore;
    const seconds = this.#screen.now() - this.#start;
    if (cases === 0 || seconds === 0) return "";
    const left = seconds / cases * (this.#cases - this.#through);
    return `, ${(cases / seconds).toPrecision(2)}/s, ${duration(left)} left`;
  }
}

/** Seconds as people say them: `9.4 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const rounded = Math.round(seconds);
  if (rounded < 60) return `${rounded} s`;
  if (rounded < 3600) return `${Math.floor(rounded / 60)} min ${rounded % 60} s`;
  return `${Math.floor(rounded / 3600)} h ${Math.floor(rounded % 3600 / 60)} min`;
}
