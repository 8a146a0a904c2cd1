/** Tab completions: the scripts that shells source, and the answers to what they ask. */
export { type Candidate, inputCandidates, nodeCandidates, pathCandidates } from "./candidates.ts";
export {
  type CompletableCommand,
  complete,
  type CompletionValues,
  type RunValues,
} from "./complete.ts";
export { completionScript, type Shell, SHELLS } from "./scripts.ts";
