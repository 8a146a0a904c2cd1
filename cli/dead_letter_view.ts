import type { Redactor } from "../engine/context/mod.ts";
import type { JsonObject } from "../engine/json/mod.ts";
import type { DeadLetter } from "../engine/triggers/mod.ts";

/** A dead letter as `-o json` shows it, secrets removed. */
export function deadLetterJson(letter: DeadLetter, redactor: Redactor): JsonObject {
  return {
    stream: letter.stream,
    sequence: letter.sequence,
    deadLetter: letter.deadLetter,
    subject: letter.origin.subject,
    originStream: letter.origin.stream,
    originSequence: letter.origin.sequence,
    code: letter.code,
    error: redactor.text(letter.error),
    attempts: letter.attempts,
    deliveries: letter.deliveries,
    firstSeen: letter.firstSeen,
    failedAt: letter.failedAt,
    runId: letter.runId ?? null,
    sizeBytes: letter.sizeBytes,
    headers: redactor.value(letter.headers),
    payload: redactor.value(letter.payload),
  };
}

/** A dead letter for people: a line for each thing that is known of it, secrets removed. */
export function deadLetterText(letter: DeadLetter, redactor: Redactor): string {
  const lines = Object.entries(deadLetterJson(letter, redactor)).filter(([, value]) => {
    return value !== null;
  });
  const width = Math.max(...lines.map(([name]) => name.length));
  return lines.map(([name, value]) => {
    return `${name.padEnd(width)}  ${typeof value === "string" ? value : JSON.stringify(value)}`;
  }).join("\n");
}

const COLUMNS = ["stream", "seq", "subject", "failed at", "attempts", "error"] as const;
const MAX_ERROR_WIDTH = 80;

function toRow(letter: DeadLetter, redactor: Redactor): readonly string[] {
  const error = `${letter.code} ${redactor.text(letter.error)}`;
  return [
    letter.stream,
    String(letter.sequence),
    letter.origin.subject,
    letter.failedAt.replace(/\.\d+Z$/, "Z"),
    String(letter.attempts),
    error.length > MAX_ERROR_WIDTH ? `${error.slice(0, MAX_ERROR_WIDTH - 1)}…` : error,
  ];
}

/** One line each, below a head; nothing when there are none. */
export function deadLettersTable(letters: readonly DeadLetter[], redactor: Redactor): string {
  if (letters.length === 0) return "";
  const all = [COLUMNS, ...letters.map((letter) => toRow(letter, redactor))];
  const widths = COLUMNS.map((_, column) =>
    Math.max(...all.map((row) => row[column]?.length ?? 0))
  );
  return all.map((row) => {
    return row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd();
  }).join("\n");
}
