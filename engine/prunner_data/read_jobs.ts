import { CodedError } from "../errors/mod.ts";
import { type PersistedJob, persistedJob } from "./persisted_job.ts";

/** No job has more in it: variables, and the scripts of its tasks. */
const MAX_JOB_CHARS = 16 * 1024 * 1024;
const BEGIN = /^\s*\{\s*"Jobs"\s*:\s*(\[|null\s*\}\s*$)/;
const MAX_BEGIN_CHARS = 1_000;

/**
 * The jobs of a `data.json`, one after another, so that a file of any size takes the memory of one job.
 *
 * @throws {CodedError} `FILE_REFUSED` where the file is not what prunner writes: it is cut off or something else
 */
export async function* readJobs(
  text: AsyncIterable<string>,
  path: string,
): AsyncGenerator<PersistedJob> {
  let count = 0;
  for await (const one of objectsOf(text, path)) {
    count++;
    yield readJob(one, { path, count });
  }
}

function readJob(
  text: string,
  { path, count }: { readonly path: string; readonly count: number },
): PersistedJob {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw damaged(path, `job ${count} is not JSON`, cause);
  }
  const { success, data, error } = persistedJob.safeParse(value);
  if (success) return data;
  const [issue] = error.issues;
  throw damaged(path, `job ${count} has a wrong ${issue?.path.join(".")}`);
}

/** The texts of the objects in the list below `Jobs`. */
async function* objectsOf(text: AsyncIterable<string>, path: string): AsyncGenerator<string> {
  let begin = "";
  let isIn = false;
  const splitter = new Splitter(path);
  for await (let chunk of text) {
    if (!isIn) {
      begin += chunk;
      const found = BEGIN.exec(begin);
      if (found === null && begin.length > MAX_BEGIN_CHARS) break;
      if (found === null || found[1] !== "[") continue;
      isIn = true;
      chunk = begin.slice(found[0].length);
    }
    yield* splitter.add(chunk);
  }
  if (isIn) splitter.end();
  else if (!BEGIN.test(begin)) throw damaged(path, 'it does not begin with {"Jobs": […]}');
}

/** Cuts a list of objects apart by its brackets, wherever the chunks end. */
class Splitter {
  readonly #path: string;
  #depth = 0;
  #isText = false;
  #isEscaped = false;
  #isOver = false;
  #open = "";

  constructor(path: string) {
    this.#path = path;
  }

  *add(chunk: string): Generator<string> {
    let from = this.#depth > 0 ? 0 : -1;
    for (let at = 0; at < chunk.length && !this.#isOver; at++) {
      const code = chunk.charCodeAt(at);
      if (this.#isText) {
        if (this.#isEscaped) this.#isEscaped = false;
        else if (code === 0x5c) this.#isEscaped = true;
        else if (code === 0x22) this.#isText = false;
      } else if (code === 0x22) this.#isText = true;
      else if (code === 0x7b || code === 0x5b) {
        if (this.#depth++ === 0) from = at;
      } else if (code === 0x7d || code === 0x5d) {
        if (this.#depth === 0) this.#isOver = true;
        else if (--this.#depth === 0) {
          yield this.#open + chunk.slice(from, at + 1);
          this.#open = "";
          from = -1;
        }
      }
    }
    if (this.#depth > 0) this.#open += chunk.slice(from);
    if (this.#open.length > MAX_JOB_CHARS) throw damaged(this.#path, "a job has more than 16 MiB");
  }

  end(): void {
    if (!this.#isOver) throw damaged(this.#path, "it ends in the middle");
  }
}

function damaged(path: string, state: string, cause?: unknown): CodedError {
  return new CodedError(
    "FILE_REFUSED",
    `Cannot import "${path}" as the data of prunner: ${state}`,
    {
      fix: `mv ${path} ${path}.damaged`,
      cause,
    },
  );
}
