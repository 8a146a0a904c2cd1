/** New workflows: templates, names, and the files that editors need. */
export { createWorkflow, type NewWorkflow } from "./create_workflow.ts";
export { isWorkflowName, suggestName } from "./workflow_name.ts";
