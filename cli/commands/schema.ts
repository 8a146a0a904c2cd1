import type { CommandDefinition } from "../command.ts";

/** `pd schema` */
export const definition: CommandDefinition = {
  name: "schema",
  summary: "Print the JSON Schema of workflow.yaml",
  examples: [
    { run: "pd schema > workflow.schema.json", does: "for an editor, or a check of your own" },
  ],
  build: (command, cli) =>
    command
      .description(
        "Print the JSON Schema of workflow.yaml. pd init sets it up for editors that know yaml-language-server.",
      )
      .action(async () => {
        const { workflowJsonSchema } = await import("../../engine/spec/mod.ts");
        const schema = await workflowJsonSchema();
        cli.out.result(JSON.stringify(schema, null, 2), schema);
      }),
};
