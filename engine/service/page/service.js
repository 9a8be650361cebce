/** The service as the page asks it. */

/** A refusal, with what the service says of it. */
export class Refusal extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

let token = "";

/** What requests send as bearer token from now on. */
export function useToken(text) {
  token = text;
}

/** Asks; throws a `Refusal`. */
export async function ask(path, init = {}) {
  const headers = { ...init.headers, ...token !== "" && { authorization: `Bearer ${token}` } };
  const answer = await fetch(path, { ...init, headers });
  if (answer.ok) return answer;
  const { detail = answer.statusText } = await answer.json().catch(() => ({}));
  throw new Refusal(answer.status, detail);
}

/** Follows a job to its end, and tells of each event. */
export async function follow(id, onEvent, signal) {
  const { body } = await ask(`v1/jobs/${id}/events`, { signal });
  let rest = "";
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    const events = (rest + text).split("\n\n");
    rest = events.pop();
    for (const event of events) onEvent(JSON.parse(/^data: (.*)$/m.exec(event)[1]));
  }
  return await (await ask(`v1/jobs/${id}`)).json();
}
