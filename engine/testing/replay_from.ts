import type { HttpAnswer, HttpCall, HttpMode } from "../context/mod.ts";
import { CodedError } from "../errors/mod.ts";
import { AnswerSequence } from "./answer_sequence.ts";
import { closest } from "./closest.ts";
import { loadRecordings } from "./load_recordings.ts";
import { type Recording, workflowFolder } from "./recording.ts";
import { matchesHidden, type RequestKey, requestKey } from "./request_match.ts";

/** Answers from recordings in place of the network. */
export type Replay = HttpMode & { readonly kind: "answer" } & {
  /** Reads the recordings now instead of at the first request; how many there are. */
  load(): Promise<number>;
};

/**
 * Answers every request of the nodes from the recordings in `folder`, by method and URL, and by body
 * where several were recorded. Equal requests of a node get their answers in recorded order, then the
 * last one again; nodes at work side by side do not disturb each other. The files are read once, at
 * the first request.
 *
 * A request that was not recorded fails with `RECORDING_MISSING`, a file that is broken with
 * `RECORDING_INVALID`.
 */
export function replayFrom(folder: string): Replay {
  let loading: Promise<Recordings> | undefined;
  const load = (): Promise<Recordings> => {
    loading ??= loadRecordings(folder).then((found) => new Recordings(found));
    return loading;
  };
  return {
    kind: "answer",
    load: async () => (await load()).size,
    answer: async (call, node) => {
      const recordings = await load();
      const answer = recordings.answer(call, node);
      if (answer !== undefined) return answer;
      const asked = requestKey(call).target;
      throw new CodedError("RECORDING_MISSING", missing(asked, folder, recordings), {
        fix: `pd run ${workflowFolder(folder)} --record`,
      });
    },
  };
}

interface Keyed extends Recording {
  readonly key: RequestKey;
}

class Recordings {
  readonly #byTarget: ReadonlyMap<string, Keyed[]>;
  /** Targets in which a secret was hidden. */
  readonly #hidden: readonly string[];
  readonly #sequences = new Map<string, AnswerSequence<HttpAnswer>>();
  readonly size: number;

  constructor(recordings: readonly Recording[]) {
    const keyed = recordings.map((recording) => ({
      ...recording,
      key: requestKey(recording.exchange),
    }));
    this.#byTarget = Map.groupBy(keyed, ({ key }) => key.target);
    this.#hidden = [...this.#byTarget.keys()].filter((target) => target.includes("***"));
    this.size = recordings.length;
  }

  get targets(): readonly string[] {
    return [...this.#byTarget.keys()];
  }

  answer(call: HttpCall, node: string): HttpAnswer | undefined {
    const asked = requestKey(call);
    const target = this.#byTarget.has(asked.target)
      ? asked.target
      : this.#hidden.find((hidden) => matchesHidden(hidden, asked.target));
    if (target === undefined) return undefined;
    const found = withBody(this.#byTarget.get(target) ?? [], asked.body);
    const [first] = found;
    if (first === undefined) return undefined;
    return this.#sequence(`${node} ${first.key.target} ${first.key.body}`, found, node).next(node);
  }

  /** The recordings of the node that asks; those of others when it had none, as after a rename. */
  #sequence(id: string, found: readonly Keyed[], node: string): AnswerSequence<HttpAnswer> {
    const known = this.#sequences.get(id);
    if (known !== undefined) return known;
    const own = found.filter((recording) => recording.node === node);
    const sequence = new AnswerSequence<HttpAnswer>();
    for (const { exchange } of own.length > 0 ? own : found) {
      const { status, headers, body } = exchange;
      sequence.add({ status, headers, body });
    }
    this.#sequences.set(id, sequence);
    return sequence;
  }
}

/** The body decides only where requests to one URL were recorded with different ones. */
function withBody(recordings: readonly Keyed[], asked: string): readonly Keyed[] {
  const bodies = new Set(recordings.map(({ key }) => key.body));
  if (bodies.size <= 1) return recordings;
  const equal = recordings.filter(({ key }) => key.body === asked);
  if (equal.length > 0) return equal;
  const body = [...bodies].find((recorded) => matchesHidden(recorded, asked));
  return recordings.filter(({ key }) => key.body === body);
}

function missing(asked: string, folder: string, recordings: Recordings): string {
  const start = `Cannot answer "${asked}" as a replay`;
  if (recordings.size === 0) return `${start}: ${folder} holds no recordings`;
  if (recordings.targets.includes(asked)) {
    return `${start}: no recording in ${folder} has this request body`;
  }
  const nearest = closest(asked, recordings.targets, (target) => target);
  return `${start}: no recording in ${folder} matches; the nearest is ${nearest}`;
}
