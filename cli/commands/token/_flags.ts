// @ts-types="@commander-js/extra-typings"
import { Option } from "commander";

/** `--config`, which says where the secret is. */
export function configOption(): Option<"--config <file>"> {
  return new Option(
    "--config <file>",
    "file with jwt_secret: .prunner.yml, else .pd/config.yaml",
  );
}

/** `--jwt-secret`, in place of that file. */
export function secretOption(): Option<"--jwt-secret <text>"> {
  return new Option("--jwt-secret <text>", "what tokens are signed with; PD_JWT_SECRET hides it");
}
