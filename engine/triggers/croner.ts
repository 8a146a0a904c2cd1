/** The library of schedules, in a file of its own: it is loaded by a computed address, which has to be a file. */
export { Cron } from "croner";
