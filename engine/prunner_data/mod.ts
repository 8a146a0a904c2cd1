/** What prunner has left behind, taken over as finished runs. */
export {
  importPrunnerData,
  type PrunnerImport,
  type PrunnerImportOptions,
} from "./import_prunner_data.ts";
