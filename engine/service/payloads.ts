/** Files of jobs and results by their content, wherever they are kept. */

/** A store of files. Its methods reject where it can't be reached. */
export interface Payloads {
  /** Where it is, without secrets: services and workers of one queue have the same. */
  readonly place: string;
  /** Keeps bytes under the name of their SHA-256 for as long as the queue keeps a job of now. */
  put(sha256: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** The bytes of a name; nothing where there are none. */
  get(sha256: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
}

/** How much longer files are kept than jobs, so that not each job must write again what is there already. */
export const longer = 1.25;

/** Whether what was written at a time outlives a job of now; else it is written again. */
export function isFresh(writtenAt: Date, keptMs: number): boolean {
  return Date.now() - writtenAt.getTime() < (longer - 1) * keptMs;
}
