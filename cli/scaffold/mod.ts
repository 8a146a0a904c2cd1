/** New workflows: templates, names, and the files that editors need. */
export { createWorkflow, type NewWorkflow } from "./create_workflow.ts";
export { type Template, TEMPLATES } from "./templates.ts";
export { isWorkflowName, suggestName } from "./workflow_name.ts";
