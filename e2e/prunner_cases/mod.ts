/** The behaviours that prunner's documentation and its clients rely on, a case each. */
import { API } from "./api.ts";
import { FAILURE } from "./failure.ts";
import { ORDER } from "./order.ts";
import { QUEUEING } from "./queueing.ts";
import type { PrunnerCase } from "./prunner_case.ts";

export type { CasePlace, PrunnerCase } from "./prunner_case.ts";

/** All that one server shows. */
export const PRUNNER_CASES: readonly PrunnerCase[] = [...ORDER, ...FAILURE, ...QUEUEING, ...API];
