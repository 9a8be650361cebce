/** An engine's device in a Worker. */
export { openRemote, type RemoteDevice } from "./open_remote.ts";
