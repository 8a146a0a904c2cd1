/** What the words after a verb mean: the workflow that is named, and the input that is given. */
export {
  findTarget,
  nearestFix,
  searchTarget,
  shownPath,
  type Target,
  type TargetSearch,
} from "./find_target.ts";
export {
  inputHelp,
  type InputPlaces,
  type Inputs,
  mergeInput,
  readInput,
  readInputFlags,
  readPairs,
} from "./read_input.ts";
