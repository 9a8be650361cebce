/** The command line or the pipeline is wrong; nothing was started. Exit status 2. */
export class UsageError extends Error {
  /** Name of the class. */
  override readonly name = "UsageError";
}

/** An input cannot be processed: it is missing, damaged or of an unsupported kind. Exit status 5. */
export class InputError extends Error {
  /** Name of the class. */
  override readonly name = "InputError";
}

/** A model is missing, broken or doesn't fit what reaches it. Exit status 4. */
export class ModelError extends Error {
  /** Name of the class. */
  override readonly name: string = "ModelError";
}

/** A model uses operators, options or types that we don't support; the message lists all of them. Exit status 4. */
export class UnsupportedError extends ModelError {
  /** Name of the class. */
  override readonly name = "UnsupportedError";
}

/** No usable device was found, it was lost, or it refused a shader. Exit status 3. */
export class DeviceError extends Error {
  /** Name of the class. */
  override readonly name: string = "DeviceError";
}

/** A recording needs more device memory than the budget; nothing was allocated. Exit status 3. */
export class MemoryError extends DeviceError {
  /** Name of the class. */
  override readonly name = "MemoryError";
}

/** Results cannot be written: no permission, no space. Exit status 5; before anything is started it is a `UsageError`. */
export class OutputError extends Error {
  /** Name of the class. */
  override readonly name = "OutputError";
}
