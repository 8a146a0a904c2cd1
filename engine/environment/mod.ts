/** The variables of this process with those of `.env` files laid over them. */
export {
  DEFAULT_ENV_FILES,
  type EnvFiles,
  type LoadedEnvironment,
  loadEnvFiles,
} from "./load_env_files.ts";
export { parseEnvFile } from "./parse_env_file.ts";
