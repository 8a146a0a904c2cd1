import type { StorageFixture } from "./_conformance_fixture.ts";
import { CLAIM_CASES } from "./_conformance_claims.ts";
import { DOCUMENT_CASES } from "./_conformance_documents.ts";
import { EVENT_CASES } from "./_conformance_events.ts";
import { LIST_CASES } from "./_conformance_lists.ts";
import { RUN_CASES } from "./_conformance_runs.ts";
import { STATE_CASES } from "./_conformance_state.ts";
import { WORKFLOW_CASES } from "./_conformance_workflows.ts";

export { START, type StorageFixture, testOwner } from "./_conformance_fixture.ts";

/** One thing that every storage does. The name of a test is `<kind> storage <does>`. */
export interface ConformanceCase {
  readonly does: string;
  test(fixture: StorageFixture): Promise<void>;
}

/** What every storage does, whatever it is made of. A test that leaves one out says why. */
export const STORAGE_CONFORMANCE: readonly ConformanceCase[] = [
  ...RUN_CASES,
  ...EVENT_CASES,
  ...LIST_CASES,
  ...CLAIM_CASES,
  ...STATE_CASES,
  ...WORKFLOW_CASES,
  ...DOCUMENT_CASES,
];
