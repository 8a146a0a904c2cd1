/** Time as a dependency: the machine's clock, one for tests, and a wait that a signal ends. */
export { type Clock, systemClock } from "./clock.ts";
export { FakeClock } from "./fake_clock.ts";
export { sleep } from "./sleep.ts";
