/** What somebody meant who mistyped a word. */
export { didYouMean } from "./did_you_mean.ts";
export { slips } from "./slips.ts";
