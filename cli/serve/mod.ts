/** `pd serve`: many workflows behind one authenticated server. */
export { prunnerEnvironment } from "./prunner_environment.ts";
export { serveMany, type ServeManyRequest } from "./serve_many.ts";
