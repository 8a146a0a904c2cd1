import { type TestNode, untilStopped } from "./_test_workflow.ts";

/** A node that says when it has begun, and then waits for ever. */
export function hanging(): { readonly node: TestNode; readonly begun: Promise<void> } {
  const begun = Promise.withResolvers<void>();
  return {
    begun: begun.promise,
    node: (call) => {
      begun.resolve();
      return untilStopped(call);
    },
  };
}
