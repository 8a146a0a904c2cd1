import type { Redactor, SecretReferences } from "../context/mod.ts";
import type { RunEvent, RunEventBody } from "../executor/mod.ts";
import type { JsonValue } from "../json/mod.ts";

/** What makes the two views of a value: `***` for whoever looks, references for the storage. */
export interface Views {
  readonly redactor: Redactor;
  readonly references: SecretReferences;
}

/**
 * An event as it is stored. Inputs and outputs have references in place of secrets, as a run that is taken
 * up again needs them, and so have the answers of tasks; all else is stored as it is shown.
 *
 * @param shown The same event, redacted.
 */
export function storedBody(
  body: RunEventBody,
  shown: RunEventBody,
  { references }: Views,
): RunEventBody {
  switch (body.kind) {
    case "run.started": {
      const input = references.toStored(body.input);
      const trigger = references.toStored(body.trigger);
      return input === body.input && trigger === body.trigger ? body : { ...body, input, trigger };
    }
    case "node.succeeded": {
      const output = references.toStored(body.output);
      return output === body.output ? body : { ...body, output };
    }
    case "task.completed": {
      if (shown.kind !== body.kind) return shown;
      const answer = references.toStored(body.answer);
      return answer === shown.answer ? shown : { ...shown, answer };
    }
    default:
      return shown;
  }
}

/** A value of the storage as it may be seen. Secrets that are gone meanwhile are `***` too. */
export function shownValue(stored: JsonValue, { redactor, references }: Views): JsonValue {
  return redactor.value(references.restore(stored).value);
}

/** An event of the storage as it may be seen: just as it was shown when it happened. */
export function shownEvent(stored: RunEvent, views: Views): RunEvent {
  switch (stored.kind) {
    case "run.started": {
      const input = shownValue(stored.input, views);
      const trigger = shownValue(stored.trigger, views);
      return input === stored.input && trigger === stored.trigger
        ? stored
        : { ...stored, input, trigger };
    }
    case "node.succeeded": {
      const output = shownValue(stored.output, views);
      return output === stored.output ? stored : { ...stored, output };
    }
    case "task.completed": {
      const answer = shownValue(stored.answer, views);
      return answer === stored.answer ? stored : { ...stored, answer };
    }
    default:
      return stored;
  }
}
